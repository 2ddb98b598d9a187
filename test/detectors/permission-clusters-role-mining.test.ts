import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { DuckDBInstance } from '@duckdb/node-api'
import { expect, test } from 'vitest'
import { expectation, indexOf, placeOf } from '../../src/detectors/permission-clusters/expected-use.ts'
import {
  fitPermissionClusters,
  type PermissionClusters,
} from '../../src/detectors/permission-clusters/model.ts'
import { auroc } from '../../src/lib/metrics.ts'
import { createRandom } from '../../src/lib/random.ts'
import { useTable } from './permission-clusters.synthetic.ts'

const datasets =
  process.env.KEYHOUND_DATASETS ?? fileURLToPath(new URL('../../../shared/datasets', import.meta.url))
const folder = join(datasets, 'role_mining_hp')
const absent = !existsSync(folder)

/** Permissions of each member (user or planted role) of one set. */
async function read(file: string, member: string, dataset: string): Promise<Map<string, string[]>> {
  const connection = await (await DuckDBInstance.create(':memory:')).connect()
  const reader = await connection.runAndReadAll(
    `SELECT "${member}"::VARCHAR, permission::VARCHAR FROM read_parquet($file) WHERE dataset = $dataset ORDER BY ALL`,
    { file: join(folder, file), dataset },
  )
  const out = new Map<string, string[]>()
  for (const [name, permission] of reader.getRows() as [string, string][])
    out.set(name, [...(out.get(name) ?? []), permission])
  return out
}

const toTable = (sets: Map<string, string[]>) =>
  useTable(
    Object.fromEntries(
      Array.from(sets, ([name, set]) => [`u${name}`, Object.fromEntries(set.map(p => [`p${p}`, 1]))]),
    ),
  )

/** Permissions that more than half of each cluster hold: what the clusters say the roles are. */
function clusterCores(model: PermissionClusters): Set<string> {
  const items = model.use.items.length
  return new Set(
    Array.from(model.clusters.size, (size, c) =>
      model.use.items.filter((_, i) => model.clusters.users[c * items + i]! > size / 2).join(' '),
    ),
  )
}

test.skipIf(absent)(
  'planted roles against cluster cores, exact matches (skipped where role_mining_hp is absent)',
  async () => {
    for (const dataset of ['synthetic_20_200_40_2_5', 'synthetic_40_400_80_4_5']) {
      const roles = await read('planted_roles.parquet', 'role', dataset)
      const planted = new Set(
        Array.from(roles.values(), set =>
          set
            .map(p => `p${p}`)
            .sort()
            .join(' '),
        ),
      )
      const model = fitPermissionClusters(toTable(await read('user_permission.parquet', 'user', dataset)), {
        clusters: roles.size,
      })
      const found = clusterCores(model)
      const hits = [...found].filter(core => planted.has(core)).length
      // A user holds several roles at once and a cluster gathers users, so a core is a union of roles more often than one: told, no goal.
      console.log(`${dataset}: F1 of planted roles ${((2 * hits) / (found.size + planted.size)).toFixed(2)}`)
      expect(found.size).toBeGreaterThan(1)
    }
  },
)

/**
 * `ordered`: peers > cluster in each of 4 seeds tried, cluster > popularity by 0.08 or more on average. Not on domino: 79 users, over
 * all of whom popularity tells more (10 seeds, mean: popularity .90, cluster .87, peers .83); within a user peers lead by .02.
 */
const SETS = [
  { dataset: 'synthetic_20_200_40_2_5', ordered: true },
  { dataset: 'synthetic_40_400_80_4_5', ordered: true },
  { dataset: 'firewall1', ordered: true },
  { dataset: 'domino', ordered: false },
]

test.skipIf(absent).each(SETS)(
  'permissions hidden from $dataset are told from foreign ones; peers > cluster > popularity: $ordered (skipped where role_mining_hp is absent)',
  async ({ dataset, ordered }) => {
    const random = createRandom(1)
    const users = await read('user_permission.parquet', 'user', dataset)
    const hidden = new Map<string, string>()
    for (const [user, set] of users) {
      if (set.length < 2) continue
      hidden.set(user, random.pick(set))
    }
    const seen = new Map(Array.from(users, ([user, set]) => [user, set.filter(p => p !== hidden.get(user))]))
    const model = fitPermissionClusters(toTable(seen))
    const scores = { everyone: [] as number[], cluster: [] as number[], peers: [] as number[] }
    const truth: number[] = []
    for (const [user, permission] of hidden) {
      const place = placeOf(model, `u${user}`, null)
      const own = new Set(users.get(user)!.map(p => `p${p}`))
      const foreign = model.use.items.filter(item => !own.has(item))
      if (foreign.length === 0) continue
      for (const item of [`p${permission}`, random.pick(foreign)]) {
        const expected = expectation(model, place, indexOf(model.use.items, item))
        for (const level of ['everyone', 'cluster', 'peers'] as const) scores[level].push(expected[level])
        truth.push(item === `p${permission}` ? 1 : 0)
      }
    }
    const [everyone, cluster, peers] = [scores.everyone, scores.cluster, scores.peers].map(s =>
      auroc(s, truth),
    )
    const { clusters, stability } = model.report
    console.log(
      `${dataset}: AUROC of hidden permissions by popularity ${everyone!.toFixed(3)}, cluster ${cluster!.toFixed(3)}, peers ${peers!.toFixed(3)}; ${clusters} clusters, stability ${stability.toFixed(2)}`,
    )
    expect(peers).toBeGreaterThan(0.7)
    if (!ordered) return
    expect(cluster).toBeGreaterThan(everyone!)
    expect(peers).toBeGreaterThan(cluster!)
  },
)

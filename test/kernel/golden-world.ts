import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { FEATURES } from '../../src/features/catalogue.ts'
import { METRICS } from '../../src/features/metrics.ts'
import { FACET_NAMES } from '../../src/kernel/facets.ts'
import type { DayRecord } from '../../src/kernel/history/history.ts'
import { type JudgedDay, Kernel } from '../../src/kernel/kernel.ts'
import { dayNumber, HOUR_MS } from '../../src/kernel/memory.ts'
import { DayReader } from '../../src/kernel/read-day.ts'
import type { Engine } from '../../src/sql/duckdb.ts'
import { listDays, listParquet, partition } from '../../src/sql/workspace.ts'
import type { Columns } from '../oracle/columns.ts'

export const GOLDENS = fileURLToPath(new URL('../golden/features', import.meta.url))

/** Names of the golden worlds. */
export function goldenWorlds(): string[] {
  return readdirSync(GOLDENS).filter(name => existsSync(join(GOLDENS, name, 'rulings.json')))
}

interface Rulings {
  /** Token-days that the history leaves out up to a day, UTC dates. */
  readonly held: readonly {
    readonly tenantId: string
    readonly tokenId: string
    readonly day: string
    readonly until: string
  }[]
  readonly links: readonly {
    readonly tenantId: string
    readonly tokenId: string
    readonly predecessorId: string
    readonly isLinked: boolean
    readonly since: string
  }[]
}

export interface RunWorld {
  readonly kernel: Kernel
  readonly days: readonly JudgedDay[]
  /** As `data/features` has them. */
  readonly features: Columns
}

/** Runs the kernel over the events of a golden world, day after day. */
export async function runWorld(engine: Engine, world: string): Promise<RunWorld> {
  const folder = join(GOLDENS, world)
  const { held, links } = JSON.parse(readFileSync(join(folder, 'rulings.json'), 'utf8')) as Rulings
  const records = new Map<number, DayRecord>()
  const kernel = new Kernel([7, 11], day => records.get(day)!)
  const reader = new DayReader(kernel.tuples)
  const { entities } = kernel.tuples
  const days: JudgedDay[] = []
  for (const date of listDays(join(folder, 'events'))) {
    const day = dayNumber(date)
    const events = await reader.read(engine, listParquet(partition(join(folder, 'events'), date)))
    const judged = kernel.judge(day, events, {
      held: held
        .filter(one => one.day < date && one.until >= date)
        .map(one => ({ day: dayNumber(one.day), token: entities.token(one.tenantId, one.tokenId) })),
      links: links.map(one => ({
        token: entities.token(one.tenantId, one.tokenId),
        previous: entities.token(one.tenantId, one.predecessorId),
        isLinked: one.isLinked,
        since: Date.parse(one.since),
      })),
    })
    records.set(day, judged.record)
    kernel.learn(judged.record)
    days.push(judged)
  }
  return { kernel, days, features: columnsOf(kernel, days) }
}

function columnsOf(kernel: Kernel, days: readonly JudgedDay[]): Columns {
  const { entities, values, whoPrincipalId } = kernel.tuples
  const columns = new Map<string, (string | number | null)[]>()
  const push = (name: string, cell: string | number | null) => {
    const cells = columns.get(name)
    const known = typeof cell === 'number' && Number.isNaN(cell) ? null : cell
    if (cells === undefined) columns.set(name, [known])
    else cells.push(known)
  }
  let rows = 0
  for (const { table } of days) {
    rows += table.rows
    for (let row = 0; row < table.rows; row++) {
      const one = table.tokenDay[row]!
      const h = table.hourOf[row]!
      push('tenant_id', entities.tenantIds[entities.tenantOf[one.token]!]!)
      push('principal_id', whoPrincipalId[one.who[h]!]!)
      push('token_id', entities.tokenIds[one.token]!)
      push('window_start', (table.day * 24 + one.hours[h]!) * HOUR_MS)
      push('role', one.role[h]!)
      FEATURES.forEach(({ name }, f) => {
        push(name, table.features[f]![row]!)
      })
      FACET_NAMES.forEach((name, f) => {
        const worst = table.worst[f]![row]!
        push(`${name}_worst`, worst < 0 ? null : values.texts[worst]!)
        push(`${name}_worst_peers`, table.worstPeers[f]![row]!)
      })
      METRICS.forEach(({ name }, m) => {
        push(`${name}_actual`, table.actual[m]![row]!)
        push(`${name}_typical`, table.typical[m]![row]!)
      })
      const foreign = table.foreignObject[row]!
      push('foreign_object', foreign < 0 ? null : values.texts[foreign]!)
    }
  }
  return { names: [...columns.keys()], columns: columns as unknown as Columns['columns'], rows }
}

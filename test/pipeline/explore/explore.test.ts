import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { writeWindows } from '../../../scripts/bench/explore/synthetic.ts'
import { keepCube } from '../../../src/pipeline/explore/cube.ts'
import { explore } from '../../../src/pipeline/explore/explore.ts'
import { openViews } from '../../../src/pipeline/views.ts'
import {
  type ExploreQuestion,
  RANGE_VIEWS,
  type RangeView,
  VALUE_VIEWS,
  type ValueView,
} from '../../../src/schema/explore.ts'
import { type Engine, openEngine } from '../../../src/sql/duckdb.ts'
import { openWorkspace, partition, publishQuery, type Workspace } from '../../../src/sql/workspace.ts'

/** A token-hour as SQL alone reads it. */
interface Plain {
  tenant: string
  token: string
  time: number
  risk: number
  score: number
  values: Record<ValueView, (string | null)[]>
}

const EVERYTHING: ExploreQuestion = { tenantId: null, ranges: {}, values: {}, mostValues: 500, mostRows: 10 }

let folder: string
let engine: Engine
let workspace: Workspace
let plain: Plain[]

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'keyhound-explore-'))
  workspace = openWorkspace(folder)
  engine = await openEngine({ threads: 2 })
  await writeWindows(engine, workspace, {
    windows: 900,
    days: 3,
    tokens: 30,
    tenants: 3,
    operations: 20,
    networks: 6,
  })
  plain = await readPlain()
})
afterAll(() => {
  engine.close()
  rmSync(folder, { recursive: true, force: true })
})

async function readPlain(): Promise<Plain[]> {
  await openViews(engine, workspace)
  const listOf = (facet: string) =>
    `coalesce((SELECT list(DISTINCT value) FROM facets f WHERE f.facet = '${facet}' AND (f.tenant_id, f.token_id, f.window_start) = (s.tenant_id, s.token_id, s.window_start)), [NULL])`
  const rows = await engine.rows<Record<string, never>>(`
    SELECT s.*, a.token_kind, epoch_ms(window_start) AS ms, ${listOf('network_type')} AS "networkType", ${listOf('country')} AS country, ${listOf('asn')} AS asn,
      ${listOf('operation')} AS operation
    FROM scores s LEFT JOIN activity a USING (tenant_id, token_id, window_start)`)
  return rows.map(row => {
    const detectors = Object.keys(row)
      .filter(name => name.startsWith('detector_'))
      .sort((a, b) => row[b]! - row[a]!)
    return {
      tenant: row.tenant_id!,
      token: row.token_id!,
      time: row.ms!,
      risk: row.risk!,
      score: row.score!,
      values: {
        severity: [row.severity!],
        tenant: [row.tenant_id!],
        tokenKind: [row.token_kind ?? null],
        detector: [row[detectors[0]!]! > 0 ? detectors[0]!.slice('detector_'.length) : null],
        networkType: row.networkType!,
        country: row.country!,
        asn: row.asn!,
        operation: row.operation!,
      },
    }
  })
}

const quantity = (row: Plain, view: RangeView) => (view === 'hour' ? (row.time / 3_600_000) % 24 : row[view])

/** Whether a row is under every brush but one. */
function passes(row: Plain, { tenantId, ranges, values }: ExploreQuestion, but?: string): boolean {
  if (tenantId !== null && row.tenant !== tenantId) return false
  const isWithin = (view: RangeView) => {
    const at = quantity(row, view)
    const { from, to } = ranges[view] ?? { from: null, to: null }
    return (from === null || at >= from) && (to === null || at < to)
  }
  const has = (view: ValueView) => {
    const wanted = values[view]
    return wanted === undefined || row.values[view].some(value => wanted.includes(value))
  }
  return (
    RANGE_VIEWS.every(view => view === but || isWithin(view)) &&
    VALUE_VIEWS.every(view => view === but || has(view))
  )
}

const edges: Record<RangeView, fc.Arbitrary<number>> = {
  time: fc.integer({ min: 0, max: 72 }).map(hours => Date.parse('2026-01-05') + hours * 3_600_000),
  hour: fc.integer({ min: 0, max: 24 }),
  risk: fc.oneof(fc.integer({ min: 0, max: 100 }), fc.double({ min: 0, max: 100, noNaN: true })),
  score: fc.double({ min: 0, max: 26, noNaN: true }),
}
const interval = (edge: fc.Arbitrary<number>) => fc.record({ from: fc.option(edge), to: fc.option(edge) })
const rangeBrushes = fc.record(
  Object.fromEntries(RANGE_VIEWS.map(view => [view, interval(edges[view])])) as never,
  { requiredKeys: [] },
)

/** Some of the values that occur, one that does not, or none. */
function valueBrushes(): fc.Arbitrary<ExploreQuestion['values']> {
  const of = (view: ValueView) => {
    const known = [...new Set(plain.flatMap(row => row.values[view]))]
    return fc.uniqueArray(fc.constantFrom(...known, 'no such value'), { maxLength: 4 })
  }
  return fc.record(Object.fromEntries(VALUE_VIEWS.map(view => [view, of(view)])) as never, {
    requiredKeys: [],
  })
}

describe('explore', () => {
  test('each view counts what the brushes of the others leave: as row by row', async () => {
    const cube = await keepCube(workspace).current(engine)
    const question = fc.record({
      tenantId: fc.option(fc.constantFrom('tenant-0', 'tenant-1', 'none')),
      ranges: rangeBrushes as fc.Arbitrary<ExploreQuestion['ranges']>,
      values: valueBrushes(),
    })
    await fc.assert(
      fc.asyncProperty(question, async asked => {
        const full = { ...EVERYTHING, ...asked }
        const answer = await explore(cube, full)
        const under = plain.filter(row => passes(row, full))
        expect(answer.matching).toBe(under.length)
        const best = under
          .sort((a, b) => b.risk - a.risk || b.score - a.score || b.time - a.time)
          .slice(0, 10)
        expect(answer.rows.map(row => [row.tokenId, row.windowStart.getTime(), row.risk])).toEqual(
          best.map(row => [row.token, row.time, row.risk]),
        )
        for (const view of RANGE_VIEWS) {
          const { from, width, bins } = answer.ranges[view]
          const rows = plain.filter(row => passes(row, full, view))
          const binned = bins.map((_, bin) =>
            rows.filter(row => {
              const at = Math.floor((quantity(row, view) - from) / width)
              return Math.min(at, bins.length - 1) === bin
            }),
          )
          expect(bins).toEqual(binned.map(tallyOf))
        }
        for (const view of VALUE_VIEWS) {
          const rows = plain.filter(row => passes(row, full, view))
          const values = [...new Set(rows.flatMap(row => row.values[view]))]
          const told = answer.values[view].values
          for (const value of values) {
            const tally = tallyOf(rows.filter(row => row.values[view].includes(value)))
            expect(told.find(one => one.value === value)).toEqual({ value, ...tally })
          }
          expect(told.filter(one => one.windows > 0)).toHaveLength(values.length)
        }
      }),
      { numRuns: 60 },
    )
  })

  test('the most frequent values are listed, and the chosen ones with them', async () => {
    const cube = await keepCube(workspace).current(engine)
    const all = (await explore(cube, EVERYTHING)).values.operation.values
    const rarest = all.at(-1)!
    const few = await explore(cube, {
      ...EVERYTHING,
      mostValues: 3,
      values: { operation: [rarest.value, 'nowhere'] },
    })
    expect(few.values.operation.values).toEqual([
      ...all.slice(0, 3),
      rarest,
      { value: 'nowhere', windows: 0, risky: 0 },
    ])
    expect(few.values.operation.more).toBe(all.length - 4)
    expect(few.matching).toBe(rarest.windows)
  })

  test('what is published anew is read anew, and no more; days beyond the memory are left out and told', async () => {
    const keeper = keepCube(workspace)
    const before = await keeper.current(engine)
    expect(await keeper.current(engine)).toBe(before)
    expect(keeper.isCurrent()).toBe(true)
    const file = join(partition(workspace.scores, '2026-01-06'), 'scores.parquet')
    await publishQuery(engine, `SELECT * REPLACE (99.5 AS risk) FROM read_parquet('${file}')`, file)
    expect(keeper.isCurrent()).toBe(false)
    const after = await keeper.current(engine)
    expect(after.segments.map((segment, i) => segment === before.segments[i])).toEqual([true, false, true])
    const { matching, windows } = await explore(after, {
      ...EVERYTHING,
      ranges: { risk: { from: 99.5, to: 99.6 } },
    })
    expect([matching >= 300, windows]).toEqual([true, 900])
    const small = await keepCube(workspace, 600).current(engine)
    expect([small.segments.length, small.daysLeftOut]).toEqual([2, 1])
    const tiny = await keepCube(workspace, 1).current(engine)
    expect([tiny.segments.length, tiny.daysLeftOut]).toEqual([1, 2])
  })

  test('nothing scored: every view is empty', async () => {
    const empty = openWorkspace(join(folder, 'nowhere'))
    const answer = await explore(await keepCube(empty).current(engine), EVERYTHING)
    expect(answer).toMatchObject({ windows: 0, matching: 0, rows: [] })
    expect(answer.ranges.time.bins).toEqual([])
    expect(answer.values.operation).toEqual({ values: [], more: 0 })
  })

  test('an asker who has gone is not counted for', async () => {
    const segments = (await keepCube(workspace).current(engine)).segments
    const many = { ...(await keepCube(workspace).current(engine)), segments: Array(400).fill(segments[0]) }
    await expect(explore(many, EVERYTHING, AbortSignal.abort())).rejects.toThrow()
  })
})

const tallyOf = (rows: readonly Plain[]) => ({
  windows: rows.length,
  risky: rows.filter(row => row.risk >= 50).length,
})

import { execFileSync, spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { type Table, tableFromIPC } from 'apache-arrow'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ensureFacets } from '../../src/engine/facets.ts'
import { queryArrow } from '../../src/index.ts'
import { score } from '../../src/pipeline/score.ts'
import { train } from '../../src/pipeline/train.ts'
import { openViews, TABLES } from '../../src/pipeline/views.ts'
import type { Reason } from '../../src/schema/scores.ts'
import { dayAt, days, type Office, openOffice, takeover } from '../pipeline/office.ts'

let office: Office

interface Top {
  token_id: string
  at: number
  score: number
  reasons: string
}
let top: Top

beforeAll(async () => {
  office = await openOffice([...days(0, 6), ...takeover(5, 2)])
  await train(office.context, { until: dayAt(5) })
  await score(office.context, { from: dayAt(5) })
  await ensureFacets(office.context.engine, office.context.workspace)
  const [row] = await office.rows<Top>(
    'SELECT token_id, epoch_ms(window_start)::DOUBLE AS at, score, reasons FROM scores ORDER BY score DESC LIMIT 1',
  )
  top = row!
})
afterAll(() => office.world.close())

const count = async (table: string) =>
  (await office.rows<{ n: number }>(`SELECT count(*)::INTEGER AS n FROM ${table}`))[0]!.n

const hasPandas = spawnSync('python3', ['-c', 'import pandas, pyarrow']).status === 0

describe(
  hasPandas
    ? 'pandas and pyarrow'
    : 'pandas and pyarrow: left out, no python3 with both; pip install pandas pyarrow',
  () => {
    interface Found {
      [table: string]: { rows: number; types: Record<string, string>; days: string[] }
    }
    const read = () => {
      const script = fileURLToPath(new URL('read_workspace.py', import.meta.url))
      const text = execFileSync('python3', [script, office.world.workspace.root], { encoding: 'utf8' })
      return JSON.parse(text) as Found & {
        top: {
          token_id: string
          window_start: string
          score: number
          date: string
          codes: string[]
          facts: string[]
          nats: Record<string, number>
        }
        unknown: Record<string, number>
      }
    }

    test.skipIf(!hasPandas)(
      'read every table of a workspace: rows, days, types, times in UTC, reasons, unknowns',
      async () => {
        const found = read()
        for (const table of ['events', 'activity', 'facets', 'features', 'scores', 'alerts']) {
          expect([table, found[table]!.rows]).toEqual([table, await count(table)])
          const names = TABLES[table]!.columns.map(column => column.name)
          expect(Object.keys(found[table]!.types)).toEqual(expect.arrayContaining([...names, 'date']))
        }
        const fifth = dayAt(5).toISOString().slice(0, 10)
        expect(found.scores!.days).toEqual([fifth])
        expect(found.events!.days).toHaveLength(6)
        expect(found.events!.types).toMatchObject({
          time: 'timestamp[ms]',
          status: 'int16',
          event_id: 'string',
        })
        expect(found.features!.types).toMatchObject({
          window_start: expect.stringMatching(/^timestamp\[(ms|us)\]$/),
          requests_tail: 'float',
          maturity: 'float',
        })
        expect(found.scores!.types).toMatchObject({
          score: 'double',
          risk: 'double',
          reasons: 'string',
          detector_isolation_forest: 'double',
        })
        expect(found.top).toMatchObject({
          token_id: top.token_id,
          window_start: new Date(top.at).toISOString().replace('.000Z', '+00:00'),
          score: top.score,
          date: fifth,
          codes: (JSON.parse(top.reasons) as Reason[]).map(reason => reason.code),
        })
        expect(found.top.codes.length).toBeGreaterThan(0)
        expect(found.top.facts.length).toBeGreaterThan(0)
        expect(Math.max(...Object.values(found.top.nats))).toBeGreaterThan(3)
        const [unknown] = await office.rows<Record<string, number>>(
          `SELECT ${Object.keys(found.unknown)
            .map(name => `(count(*) - count(${name}))::INTEGER AS ${name}`)
            .join(', ')} FROM features`,
        )
        expect(found.unknown).toEqual(unknown)
        // Without coordinates there is no speed: unknown, not zero.
        expect(found.unknown.speed_kmh).toBe(found.features!.rows)
      },
    )
  },
)

describe('apache-arrow', () => {
  const read = async (sql: string): Promise<Table> => {
    await openViews(office.context.engine, office.world.workspace)
    return tableFromIPC(await queryArrow(office.context.engine, sql))
  }

  test.each(['events', 'features', 'scores', 'alerts'])(
    'reads %s as an IPC stream, row for row',
    async table => {
      const arrow = await read(`SELECT * FROM ${table}`)
      expect(arrow.numRows).toBe(await count(table))
      expect(arrow.schema.fields.map(field => field.name)).toEqual(
        expect.arrayContaining(TABLES[table]!.columns.map(column => column.name)),
      )
    },
  )

  test('has times as UTC timestamps, nulls as nulls, reasons as JSON', async () => {
    const arrow = await read('SELECT * FROM scores ORDER BY score DESC LIMIT 1')
    const row = arrow.get(0)!.toJSON()
    expect(String(arrow.schema.fields.find(field => field.name === 'window_start')!.type)).toBe(
      'Timestamp<MILLISECOND, UTC>',
    )
    expect(row.window_start).toBe(top.at)
    expect([row.token_id, row.score, row.filter_probability]).toEqual([top.token_id, top.score, null])
    expect(JSON.parse(String(row.reasons))).toEqual(JSON.parse(top.reasons))
  })

  test('keeps whole numbers of 64 bits', async () => {
    const arrow = await read('SELECT 9007199254740993::BIGINT AS n, [1, 2] AS list')
    expect(arrow.get(0)!.toJSON()).toEqual({ n: 9007199254740993n, list: '[1,2]' })
  })
})

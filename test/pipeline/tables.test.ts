import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { writeTable } from '../../src/pipeline/tables.ts'
import { openViews, TABLES } from '../../src/pipeline/views.ts'
import { MADE_TABLES, type MadeTable } from '../../src/schema/tables.ts'
import { quoteText } from '../../src/sql/duckdb.ts'
import { partition } from '../../src/sql/workspace.ts'
import { keyhound } from '../cli/harness.ts'
import { addEvents, bringUpToDate } from '../engine/tiny-world.ts'
import { dayAt, days, type Office, officeCall, openOffice } from './office.ts'

let office: Office
let folder: string
let files = 0
beforeAll(async () => {
  // Of a tenant of its own, so that its one day is easily counted: two calls, at 09:00 and 14:30.
  const quiet = [9, 14.5].map((hour, i) => ({
    event_id: `quiet-${i}`,
    time: dayAt(1, hour).getTime(),
    token_id: 'quiet',
    tenant_id: 'zeta',
    method: 'GET',
    operation: 'GET /tasks',
    resource_type: 'task',
    resource_id: '1',
    status: 200,
    response_bytes: 99,
  }))
  office = await openOffice([...days(0, 4), ...quiet])
  await bringUpToDate(office.world)
  folder = mkdtempSync(join(tmpdir(), 'keyhound-tables-'))
})
afterAll(() => {
  office.world.close()
  rmSync(folder, { recursive: true, force: true })
})

async function write(table: MadeTable, period: { from?: Date; to?: Date } = {}) {
  const scratch = join(folder, `scratch-${files}`)
  mkdirSync(scratch)
  return writeTable(office.context, table, join(folder, `${files++}.parquet`), { ...period, scratch })
}

async function read<T>(file: string, sql: string): Promise<T[]> {
  return office.context.engine.rows<T>(`SELECT ${sql.replace('FILE', `read_parquet(${quoteText(file)})`)}`)
}

describe('a table of a period', () => {
  test.each(['features', 'activity', 'facets'] as const)(
    '%s holds the rows of the view, cell for cell',
    async table => {
      const period = { from: dayAt(1), to: dayAt(2, 11) }
      const written = await write(table, period)
      await openViews(office.context.engine, office.world.workspace)
      const wanted = `SELECT * FROM ${table} WHERE window_start >= '2026-03-03' AND window_start < '2026-03-04 11:00'`
      const [expected] = await office.context.engine.rows<{ n: number }>(
        `SELECT count(*)::INTEGER AS n FROM (${wanted})`,
      )
      expect(written).toMatchObject({
        table,
        rows: expected!.n,
        days: ['2026-03-03', '2026-03-04'],
        behind: [],
      })
      expect(written.rows).toBeGreaterThan(20)
      const names = TABLES[table]!.columns.map(column => `"${column.name}"`).join(', ')
      const [other] = await read<{ n: number }>(
        written.file,
        `count(*)::INTEGER AS n FROM (SELECT ${names} FROM (${wanted}) EXCEPT ALL SELECT ${names} FROM FILE)`,
      )
      expect(other!.n).toBe(0)
    },
  )

  test('facets are made when they are asked for', async () => {
    rmSync(office.world.workspace.facets, { recursive: true, force: true })
    const { rows } = await write('facets', { from: dayAt(1), to: dayAt(2) })
    expect(rows).toBeGreaterThan(20)
    expect(existsSync(partition(office.world.workspace.facets, '2026-03-03'))).toBe(true)
    expect(existsSync(partition(office.world.workspace.facets, '2026-03-02'))).toBe(false)
  })

  test('features carry the facts that reasons quote', async () => {
    const { file } = await write('features')
    const [row] = await read<{ at: number; typical: number }>(
      file,
      'count(requests_actual)::INTEGER AS at, count(requests_typical)::INTEGER AS typical FROM FILE',
    )
    expect(row!.at).toBe(4 * 12 * 3 + 2)
    expect(row!.typical).toBeGreaterThan(0)
  })

  test('rows are in order of time, tenant and token', async () => {
    const { file } = await write('activity')
    const rows = await read<{ key: string }>(
      file,
      "strftime(window_start, '%Y-%m-%dT%H') || tenant_id || token_id AS key FROM FILE",
    )
    expect(rows.map(row => row.key)).toEqual(rows.map(row => row.key).sort())
  })

  test('history has a row a token and day, with what later days read', async () => {
    const written = await write('history')
    expect(written).toMatchObject({
      rows: 4 * 12 + 1,
      days: ['2026-03-02', '2026-03-03', '2026-03-04', '2026-03-05'],
    })
    const [quiet] = await read<Record<string, unknown>>(written.file, "* FROM FILE WHERE token_id = 'quiet'")
    expect(quiet).toMatchObject({
      tenant_id: 'zeta',
      window_start: dayAt(1),
      last_time: dayAt(1, 14.5),
      hour_bits: 2 ** 9 + 2 ** 14,
      // The operation, its status, the resource type and the object; the calls lie too far apart for a sequence.
      distinct_values: 4,
      // A log of a day calls nothing new.
      age_class: null,
      new_operations: 0,
      day_sensitive: 0,
    })
    expect(quiet!.day_requests).toBeCloseTo(2, 6)
    expect(quiet!.day_response_bytes).toBeCloseTo(198, 4)
  })

  test('names the days whose features are older than the events', async () => {
    const other = await openOffice(days(0, 3))
    try {
      await bringUpToDate(other.world)
      await addEvents(other.world, [officeCall(1, 3, 20, 0)], 'late')
      const target = join(folder, 'behind.parquet')
      const scratch = join(folder, 'scratch-behind')
      const written = await writeTable(other.context, 'activity', target, { to: dayAt(2), scratch })
      expect(written).toMatchObject({ days: ['2026-03-02', '2026-03-03'], behind: ['2026-03-03'] })
      rmSync(join(other.world.workspace.history, 'date=2026-03-02'), { recursive: true })
      await expect(writeTable(other.context, 'history', target, { from: dayAt(2), scratch })).rejects.toThrow(
        'the history up to 2026-03-04 is missing or damaged',
      )
    } finally {
      other.world.close()
    }
  })

  test('takes no history of another past', async () => {
    const { history } = office.world.workspace
    const [third, fourth] = ['2026-03-04', '2026-03-05'].map(day => join(partition(history, day), 'ids.bin'))
    const own = readFileSync(fourth!)
    copyFileSync(third!, fourth!)
    await expect(write('history')).rejects.toThrow('the history up to 2026-03-05 is missing or damaged')
    writeFileSync(fourth!, own)
    expect((await write('history')).rows).toBe(4 * 12 + 1)
  })

  test('says which day is lost', async () => {
    const record = join(partition(office.world.workspace.history, '2026-03-04'), 'record.bin')
    const own = readFileSync(record)
    writeFileSync(record, own.subarray(0, 100))
    await expect(write('history')).rejects.toThrow('the history of 2026-03-04 is missing or damaged')
    writeFileSync(record, own)
  })

  test('is refused where no day of the period is made', async () => {
    await expect(write('features', { from: dayAt(10) })).rejects.toThrow(
      'no day of this period is made, 2026-03-02 to 2026-03-05 are',
    )
  })
})

describe('keyhound tables', () => {
  const run = (...argv: string[]) =>
    keyhound(['tables', ...argv, '--workspace', office.world.workspace.root], { cwd: folder })

  test('writes the file and says what is in it', async () => {
    const { exitCode, stdout } = await run(
      'history',
      '--from',
      '2026-03-03',
      '--to',
      '2026-03-04',
      '--out',
      'h.parquet',
    )
    expect(exitCode).toBe(0)
    expect(stdout).toMatch(/rows +13\n/)
    expect(stdout).toMatch(/days +1, 2026-03-03 to 2026-03-03\n/)
    expect(existsSync(join(folder, 'h.parquet'))).toBe(true)
  })

  test('counts back from the end of the log', async () => {
    // It ends at 17:00 with the hour of its newest event; 25 hours before, the day before has one hour left.
    const { stdout } = await run('activity', '--from', '-25h', '--out', 'a.parquet', '--json')
    expect(JSON.parse(stdout)).toMatchObject({ table: 'activity', days: ['2026-03-04', '2026-03-05'] })
  })

  test('keeps the file that is there when it fails', async () => {
    writeFileSync(join(folder, 'kept.parquet'), 'mine')
    const { exitCode, stderr } = await run('features', '--from', '2027-01-01', '--out', 'kept.parquet')
    expect(exitCode).not.toBe(0)
    expect(stderr).toContain('no day of this period is made')
    const [kept] = await office.context.engine.rows<{ content: string }>(
      `SELECT content FROM read_text(${quoteText(join(folder, 'kept.parquet'))})`,
    )
    expect(kept!.content).toBe('mine')
  })

  test('knows four tables, and wants a file', async () => {
    const unknown = await run('scores', '--out', 'x.parquet')
    expect(unknown.exitCode).toBe(2)
    for (const table of MADE_TABLES) expect(unknown.stderr).toContain(table)
    expect((await run('features')).exitCode).toBe(2)
  })
})

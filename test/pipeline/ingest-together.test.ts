import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Bench, createBench, csv, row } from './ingest-fixture.ts'

let bench: Bench
beforeEach(async () => {
  bench = await createBench()
})
afterEach(() => bench.engine.close())

describe('CSV files of one shape are one log, and yet each has its own account', () => {
  test('counts, order and rejects are by file, whatever other shapes stand between', async () => {
    const paths = [
      bench.write('a.csv', csv([row(2), row(1), 'short', 'never,t,GET,/x,200', row(3)])),
      bench.write('b.csv', csv([row(1), 'never,t,GET,/x,200'])),
      bench.write('c.csv', csv([row(9)]).replaceAll(',', ';')),
      bench.write('d.csv', csv([row(9), row(8)])),
      bench.write('e.csv.gz', gzipSync(csv([row(5)]))),
    ]
    const { summary } = await bench.failure(paths)
    expect(summary).toMatchObject({ read: 11, added: 6, duplicates: 2, rejected: 3, outOfOrder: 2 })
    expect(
      summary.files.map(file => [file.path, file.rows, file.accepted, file.duplicates, file.rejected]),
    ).toEqual([
      [paths[0], 5, 3, 0, 2],
      [paths[1], 2, 0, 1, 1],
      [paths[2], 1, 1, 0, 0],
      [paths[3], 2, 1, 1, 0],
      [paths[4], 1, 1, 0, 0],
    ])
    expect(await bench.rejects()).toEqual([
      { file: 'a.csv', row: 3, reason: 'row: fewer values than the header has columns' },
      { file: 'a.csv', row: 4, reason: 'time: not a timestamp' },
      { file: 'b.csv', row: 2, reason: 'time: not a timestamp' },
    ])
  })

  test('one of live credentials is refused alone', async () => {
    const good = [bench.write('a.csv', csv([row(1, 'k1')])), bench.write('c.csv', csv([row(2, 'k2')]))]
    const bad = bench.write('b.csv', csv([row(3, 'ghp_abcdefghijklmnopqrstuvwxyz0123456789')]))
    const { summary, message } = await bench.failure([good[0]!, bad, good[1]!], { tokens: 'identifier' })
    expect(message).toMatch(/b\.csv: holds live credentials/)
    expect(summary).toMatchObject({ added: 2, tokens: 2 })
    expect(summary.files.map(file => file.error === undefined)).toEqual([true, false, true])
  })

  test.each(['identifier', 'secret'] as const)(
    'the order of rows is the file’s when several row groups are staged at once (%s)',
    async tokens => {
      const rows = (from: number) =>
        Array.from({ length: 70_000 }, (_, i) => `${1791162000000 + from + i},t${i % 50},/v1/x/${i},${i % 5}`)
      const file = (name: string, from: number, last: string) =>
        bench.write(name, `time,token_id,path,status\n${rows(from).join('\n')}\n${last}\n`)
      const summary = await bench.ingest(
        [file('a.csv', 0, 'never,t,/x,200'), file('b.csv', 100_000, 'never,t,/x,200')],
        { tokens },
      )
      expect(summary).toMatchObject({ added: 140_000, outOfOrder: 0, rejected: 2 })
      expect((await bench.rejects()).map(({ file, row }) => [file, row])).toEqual([
        ['a.csv', 70_001],
        ['b.csv', 70_001],
      ])
    },
  )

  test('a column of the name that the engine gives to a file’s place is an ordinary one', async () => {
    const log = (token: string) => `time,token_id,file_index\n2026-10-05T01:00:00Z,${token},7\n`
    const paths = [bench.write('a.csv', log('k1')), bench.write('b.csv', log('k2'))]
    const summary = await bench.ingest(paths, { tokens: 'identifier' })
    expect(summary.files.map(file => file.accepted)).toEqual([1, 1])
  })
})

describe('events of two tenants are never the same event', () => {
  const log = (...tenants: string[]) =>
    `event_id,time,token_id,tenant_id\n${tenants.map(tenant => `e1,2026-10-05T01:00:00Z,t,${tenant}`).join('\n')}\n`

  test('neither in one run nor beside what is stored', async () => {
    expect(await bench.ingest(bench.write('a.csv', log('acme', 'bolt', 'acme')))).toMatchObject({
      added: 2,
      duplicates: 1,
    })
    expect(await bench.ingest(bench.write('b.csv', log('bolt', 'core')))).toMatchObject({
      added: 1,
      duplicates: 1,
    })
    expect(await bench.events('event_id, tenant_id', 'ORDER BY tenant_id')).toEqual(
      ['acme', 'bolt', 'core'].map(tenant_id => ({ event_id: 'e1', tenant_id })),
    )
  })

  test('the tenant is the one that the event is stored with', async () => {
    const paths = [bench.write('a.csv', log('acme')), bench.write('b.csv', log(''))]
    expect(await bench.ingest(paths[0]!)).toMatchObject({ added: 1 })
    expect(await bench.ingest(paths[1]!, { tenant: 'acme' })).toMatchObject({ added: 0, duplicates: 1 })
    expect(await bench.ingest(paths[1]!)).toMatchObject({ added: 1, duplicates: 0 })
  })
})

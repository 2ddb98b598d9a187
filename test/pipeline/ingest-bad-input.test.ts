import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Bench, createBench, csv, HEADER, row } from './ingest-fixture.ts'

let bench: Bench
beforeEach(async () => {
  bench = await createBench()
})
afterEach(() => bench.engine.close())

/** Rows in which a raw token stands that must not be repeated by any message. */
const SECRET = 'tok_secret_value_1'

async function parquetBytes(): Promise<Buffer> {
  const path = bench.write('whole.parquet', '')
  await bench.engine.run(
    `COPY (SELECT TIMESTAMP '2026-10-05' + INTERVAL (i) SECOND AS time, '${SECRET}' AS token_id, 'GET' AS method, '/v1/tasks/' || i AS path, 200 AS status FROM range(5000) r(i)) TO '${path}' (FORMAT parquet)`,
  )
  return readFileSync(path)
}

/** Files of which nothing can be used, and what the message must say besides the file's name. */
const HOPELESS: Record<string, { write: () => Promise<string> | string; says: RegExp }> = {
  'truncated Parquet': {
    write: async () => bench.write('cut.parquet', (await parquetBytes()).subarray(0, 2000)),
    says: /truncated Parquet/,
  },
  'Parquet with damaged pages': {
    write: async () => {
      const bytes = Buffer.from(await parquetBytes())
      bytes.fill(0x5a, 8, bytes.length - 1200)
      return bench.write('damaged.parquet', bytes)
    },
    says: /damaged/,
  },
  'wrong magic': { write: () => bench.write('text.parquet', csv([row(1)])), says: /wrong magic/ },
  'wrong magic of Arrow': { write: () => bench.write('text.arrow', csv([row(1)])), says: /wrong magic/ },
  'missing columns': {
    write: () => bench.write('other.csv', `when,who,what\n2026-10-05T01:00:00Z,${SECRET},GET\n`),
    says: /missing columns.*"time" and "token_id".*when, who, what.*--map/,
  },
  'no header': { write: () => bench.write('headless.csv', `${row(1)}\n${row(2)}\n`), says: /header line/ },
  'bad times only': {
    write: () => bench.write('times.csv', csv([1, 2, 3].map(() => `yesterday,${SECRET},GET,/x,200`))),
    says: /none of its 3 records.*time: not a timestamp \(3\)/,
  },
  empty: { write: () => bench.write('nothing.csv', ''), says: /is empty/ },
  'header only': { write: () => bench.write('header.csv', `${HEADER}\n`), says: /no records/ },
  'empty gzip': { write: () => bench.write('nothing.csv.gz', gzipSync('')), says: /holds nothing/ },
  'one huge line': {
    write: () =>
      bench.write(
        'huge.jsonl',
        `{"time":"2026-10-05T01:00:00Z","token_id":"${SECRET}","x":"${'y'.repeat(3_000_000)}"}\n`,
      ),
    says: /huge\.jsonl/,
  },
  'NUL bytes': { write: () => bench.write('zero.csv', Buffer.alloc(5000)), says: /NUL/ },
  'UTF-16': {
    write: () => bench.write('wide.csv', Buffer.from(`\uFEFF${csv([row(1)])}`, 'utf16le')),
    says: /UTF-16/,
  },
  'nested JSON': {
    write: () => bench.write('nested.jsonl', `{"event":{"when":1,"who":{"token":"${SECRET}"}}}\n`),
    says: /missing columns.*found: event\.when, event\.who\.token/,
  },
  'object for a value': {
    write: () =>
      bench.write('object.jsonl', `{"time":"2026-10-05T01:00:00Z","token_id":{"id":"${SECRET}"}}\n`),
    says: /token_id/,
  },
  'truncated JSON': {
    write: () => bench.write('cut.json', `{"Records":[{"eventTime":"2026-10-05", "x": "${SECRET}`),
    says: /not valid JSON/,
  },
  'wrong compression': { write: () => bench.write('plain.csv.gz', csv([row(1)])), says: /wrong compression/ },
  'unsaid compression': {
    write: () => bench.write('zipped.csv', gzipSync(csv([row(1)]))),
    says: /wrong compression/,
  },
  'truncated gzip': {
    write: () =>
      bench.write(
        'cut.csv.gz',
        gzipSync(csv(Array.from({ length: 9000 }, (_, i) => row(i, `${SECRET}${Math.sin(i)}`)))).subarray(
          0,
          3000,
        ),
      ),
    says: /cut\.csv\.gz.*gzip stream ends early/,
  },
  'truncated zstd': {
    write: () => {
      const path = bench.write(
        'long.csv',
        csv(Array.from({ length: 9000 }, (_, i) => row(i, `${SECRET}${Math.sin(i)}`))),
      )
      return bench.engine
        .run(
          `COPY (SELECT * FROM read_csv('${path}', all_varchar = true)) TO '${path}.zst' (FORMAT csv, HEADER, COMPRESSION zstd)`,
        )
        .then(() => bench.write('cut.csv.zst', readFileSync(`${path}.zst`).subarray(0, 40_000)))
    },
    says: /cut\.csv\.zst.*zstd stream ends early/,
  },
  'a folder with none': {
    write: () => {
      const folder = join(bench.workspace.root, '..', 'hollow')
      mkdirSync(folder, { recursive: true })
      return folder
    },
    says: /no log files/,
  },
  'no such file': { write: () => join(bench.workspace.root, 'absent.csv'), says: /no such file/ },
  'live credentials as identifiers': {
    write: () => bench.write('live.csv', csv([row(1, 'ghp_abcdefghijklmnopqrstuvwxyz0123456789')])),
    says: /live credentials.*--tokens secret/,
  },
}

for (const [kind, { write, says }] of Object.entries(HOPELESS)) {
  test(`${kind}: one clear message, the good file in the same call is kept, no other file is touched`, async () => {
    const options = kind.startsWith('live') ? { tokens: 'identifier' as const } : {}
    await bench.ingest(bench.write('first.csv', csv([row(50, 'plain_token_id')])), options)
    const before = bench.files()
    const bad = await write()

    const alone = await bench.failure(bad, options)
    expect(alone.code).toBe('bad-input')
    expect(alone.message).toMatch(says)
    expect(alone.message.trim().split('\n')).toHaveLength(1)
    expect(alone.message).not.toContain(SECRET)
    expect(alone.message).not.toContain('ghp_abc')
    expect(alone.summary.added).toBe(0)
    const after = bench.files()
    for (const [path, content] of before) expect(after.get(path)?.equals(content), path).toBe(true)
    for (const path of after.keys())
      expect(before.has(path) || path.startsWith('data/rejects/'), path).toBe(true)

    const together = await bench.failure(
      [bad, bench.write('good.csv', csv([row(51, 'plain_token_id')]))],
      options,
    )
    expect(together.message).toMatch(says)
    expect(together.summary.added).toBe(1)
    expect(await bench.events('count(*) AS n', '')).toEqual([{ n: 2 }])
  })
}

/** Files with broken rows among good ones: the good rows are kept, the bad ones counted by reason. */
const PARTLY: Record<
  string,
  { content: () => string | Buffer; name: string; good: number; reasons: Record<string, number> }
> = {
  'mixed types': {
    name: 'mixed.csv',
    content: () => csv([row(1), `soon,${SECRET},GET,/x,204`, `1791162121000,${SECRET},GET,/x,204`]),
    good: 2,
    reasons: { 'time: not a timestamp': 1 },
  },
  'bad times': {
    name: 'times.csv',
    content: () =>
      csv([
        row(1),
        `2026-13-45T99:00:00Z,${SECRET},GET,/x,200`,
        `,${SECRET},GET,/x,200`,
        `12,${SECRET},GET,/x,200`,
        row(2),
      ]),
    good: 2,
    reasons: { 'time: not a timestamp': 2, 'time: missing': 1 },
  },
  'a huge line': {
    name: 'huge.csv',
    content: () => csv([row(1), `2026-10-05T01:00:00Z,${SECRET},GET,/${'x'.repeat(2_500_000)},200`, row(2)]),
    good: 2,
    reasons: { 'row: longer than 2000000 bytes': 1 },
  },
  'NUL bytes in a row': {
    name: 'nul.csv',
    content: () => csv([row(1), `2026-10-05T01:00:00Z,${SECRET},GET,/a\0b,200`, row(2)]),
    good: 2,
    reasons: { 'row: holds a NUL byte': 1 },
  },
  'invalid UTF-8': {
    name: 'latin.csv',
    content: () =>
      Buffer.concat([
        Buffer.from(csv([row(1)])),
        Buffer.from(`2026-10-05T01:00:00Z,${SECRET},GET,/caf\xe9,200\n${row(2)}\n`, 'latin1'),
      ]),
    good: 2,
    reasons: { 'row: not UTF-8': 1 },
  },
  'rows too short and too long': {
    name: 'ragged.csv',
    content: () => csv([row(1), `2026-10-05T01:00:00Z,${SECRET}`, `${row(3)},more`, row(2)]),
    good: 2,
    reasons: {
      'row: fewer values than the header has columns': 1,
      'row: more values than the header has columns': 1,
    },
  },
  'a huge first line of JSON': {
    name: 'huge.jsonl',
    content: () => `{"x":"${'y'.repeat(3_000_000)}"}\n{"time":1791162120,"token_id":"${SECRET}"}\n`,
    good: 1,
    reasons: { 'row: longer than 2000000 bytes': 1 },
  },
  'broken JSON lines': {
    name: 'lines.jsonl',
    content: () =>
      `{"time":1791162120,"token_id":"${SECRET}"}\n{"time":1791162120,"token_id":"${SECRET}\n[1]\n\n{"time":1791162121,"token_id":"${SECRET}"}\n`,
    good: 2,
    reasons: { 'row: not a JSON object': 2 },
  },
}

for (const [kind, { name, content, good, reasons }] of Object.entries(PARTLY)) {
  test(`${kind}: good rows are kept, bad ones rejected with row and reason, and the call still fails`, async () => {
    const error = await bench.failure(bench.write(name, content()))
    expect(error.code).toBe('bad-input')
    expect(error.message).not.toContain(SECRET)
    expect(error.summary).toMatchObject({ added: good, rejectsByReason: reasons })
    const rejects = await bench.rejects()
    expect(rejects.map(reject => reject.reason).sort()).toEqual(
      Object.entries(reasons)
        .flatMap(([reason, n]) => Array<string>(n).fill(reason))
        .sort(),
    )
  })
}

test('rejects name the row in the file, also after rows that the CSV reader gave up on', async () => {
  const rows = [
    row(1),
    'short',
    row(2),
    `never,${SECRET},GET,/x,200`,
    `${row(3)},more`,
    `never,${SECRET},GET,/x,200`,
  ]
  await bench.failure(bench.write('rows.csv', csv(rows)))
  expect(await bench.rejects()).toEqual([
    { file: 'rows.csv', row: 2, reason: 'row: fewer values than the header has columns' },
    { file: 'rows.csv', row: 4, reason: 'time: not a timestamp' },
    { file: 'rows.csv', row: 5, reason: 'row: more values than the header has columns' },
    { file: 'rows.csv', row: 6, reason: 'time: not a timestamp' },
  ])
})

test('one malformed row in two thousand, and requests without token, are counted and no failure', async () => {
  const rows = Array.from({ length: 2000 }, (_, i) => row(i))
  const summary = await bench.ingest(
    bench.write(
      'nearly.csv',
      csv([...rows, `never,${SECRET},GET,/x,200`, '2026-10-05T01:00:00Z,,GET,/x,200']),
    ),
  )
  expect(summary).toMatchObject({
    read: 2002,
    added: 2000,
    rejected: 2,
    rejectsByReason: { 'time: not a timestamp': 1, 'token_id: missing': 1 },
  })
})

import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hashTokens } from '../../src/ingest/identity.ts'
import { parseMoment, readLabels, readTokenList } from '../../src/pipeline/labels.ts'
import { type Engine, openEngine } from '../../src/sql/duckdb.ts'
import { openWorkspace } from '../../src/sql/workspace.ts'
import { writeWorkspace } from './evaluate-fixture.ts'

let engine: Engine
beforeAll(async () => {
  engine = await openEngine({ threads: 1 })
})
afterAll(() => engine.close())

function file(name: string, text: string) {
  const folder = mkdtempSync(join(tmpdir(), 'keyhound-labels-'))
  const path = join(folder, name)
  writeFileSync(path, text)
  return { path, workspace: openWorkspace(folder) }
}

async function read(name: string, text: string) {
  const { path, workspace } = file(name, text)
  return readLabels(engine, workspace, path)
}

const eventLabels = {
  kind: 'event',
  rows: [
    { eventId: '007', incidentId: 'i1', attackType: 'theft' },
    { eventId: 'e2', incidentId: 'i1', attackType: 'theft' },
  ],
}

describe('the form is recognised by the columns', () => {
  test('events as CSV; ids of digits keep their zeros, other columns are ignored', async () => {
    const text = 'attack_type,event_id,extra,incident_id\ntheft,007,x,i1\ntheft,e2,y,i1\n'
    expect(await read('labels.csv', text)).toEqual(eventLabels)
  })

  test('intensity and injected are read where the file has them; empty means observed', async () => {
    const text =
      'event_id,incident_id,attack_type,intensity,injected\ne1,i1,drip,quiet,true\ne2,i2,theft,,\ne3,i3,drip,loud,false\n'
    expect((await read('labels.csv', text)).rows).toEqual([
      { eventId: 'e1', incidentId: 'i1', attackType: 'drip', intensity: 'quiet', injected: true },
      { eventId: 'e2', incidentId: 'i2', attackType: 'theft' },
      { eventId: 'e3', incidentId: 'i3', attackType: 'drip', intensity: 'loud' },
    ])
  })

  test('events as JSON lines', async () => {
    const text =
      '{"event_id":"007","incident_id":"i1","attack_type":"theft"}\n{"event_id":"e2","incident_id":"i1","attack_type":"theft"}\n'
    expect(await read('labels.jsonl', text)).toEqual(eventLabels)
  })

  test('events as Parquet', async () => {
    const { path, workspace } = file('labels.parquet', '')
    await engine.run(
      `COPY (SELECT * FROM (VALUES ('007', 'i1', 'theft'), ('e2', 'i1', 'theft')) AS t(event_id, incident_id, attack_type)) TO '${path}' (FORMAT parquet)`,
    )
    expect(await readLabels(engine, workspace, path)).toEqual(eventLabels)
  })

  test('intervals, their times in UTC whatever zone they are written in', async () => {
    const text =
      'token_id,start,end,incident_id,attack_type\nt1,2026-01-02T10:00:00+02:00,2026-01-02 09:30:00,i1,abuse\n'
    expect(await read('labels.csv', text)).toEqual({
      kind: 'interval',
      rows: [
        {
          tokenId: 't1',
          start: new Date('2026-01-02T08:00:00Z'),
          end: new Date('2026-01-02T09:30:00Z'),
          incidentId: 'i1',
          attackType: 'abuse',
        },
      ],
    })
  })
})

describe('raw tokens', () => {
  const hours = [{ token: 'known', at: '2026-01-02T10', score: 1 }]
  const text =
    'token_id,start,end,incident_id,attack_type\nknown,2026-01-02,2026-01-03,i1,a\nsecret-token,2026-01-02,2026-01-03,i2,a\n'

  test('are hashed where the workspace hashes, ids that it knows are kept', async () => {
    const workspace = await writeWorkspace(engine, hours)
    const [hashed] = hashTokens(workspace, ['secret-token'])
    const { path } = file('labels.csv', text)
    const labels = await readLabels(engine, workspace, path)
    expect(labels.rows.map(row => 'tokenId' in row && row.tokenId)).toEqual(['known', hashed])
    const list = file('tokens.txt', 'known\nsecret-token\nknown\n')
    expect(await readTokenList(engine, workspace, list.path)).toEqual(['known', hashed])
  })

  test('are kept where the workspace keeps identifiers', async () => {
    const workspace = await writeWorkspace(engine, hours)
    const { path } = file('labels.csv', text)
    const labels = await readLabels(engine, workspace, path)
    expect(labels.rows.map(row => 'tokenId' in row && row.tokenId)).toEqual(['known', 'secret-token'])
  })
})

describe('what cannot be used is refused with its reason', () => {
  test.each([
    ['missing columns are named, with those found', 'a,b\n1,2\n', /lacks "token_id".*found: a, b/],
    ['one missing column of events', 'event_id,incident_id\n1,2\n', /lacks "attack_type"/],
    ['empty cells by row', 'event_id,incident_id,attack_type\n1,i,a\n2,,a\n', /row 2: incident_id empty/],
    [
      'times that are none',
      'token_id,start,end,incident_id,attack_type\nt,yesterday,2026-01-01,i,a\n',
      /row 1: start is not a time/,
    ],
    [
      'intervals that end before they start',
      'token_id,start,end,incident_id,attack_type\nt,2026-01-02,2026-01-01,i,a\n',
      /row 1: end is not after start/,
    ],
  ])('%s', async (_, text, message) => {
    await expect(read('labels.csv', text)).rejects.toMatchObject({ code: 'bad-input' })
    await expect(read('labels.csv', text)).rejects.toThrow(message)
  })

  test('a file that is absent, and one that is not what its name says', async () => {
    const { workspace } = file('x', '')
    await expect(readLabels(engine, workspace, '/nowhere.csv')).rejects.toMatchObject({ code: 'not-found' })
    await expect(read('labels.parquet', 'secret-token,is not Parquet')).rejects.toMatchObject({
      code: 'bad-input',
    })
    await expect(read('labels.jsonl', '{"event_id": "secret-token", ')).rejects.not.toThrow(/secret-token/)
  })
})

test.each([
  ['2026-01-02', '2026-01-02T00:00:00.000Z'],
  ['2026-01-02 03:04', '2026-01-02T03:04:00.000Z'],
  ['2026-01-02T03:04:05.678901Z', '2026-01-02T03:04:05.678Z'],
  ['2026-01-02 03:04:05+00', '2026-01-02T03:04:05.000Z'],
  ['2026-01-02T03:04:05-0530', '2026-01-02T08:34:05.000Z'],
  ['1767323045', '2026-01-02T03:04:05.000Z'],
  ['1767323045000', '2026-01-02T03:04:05.000Z'],
])('the moment %s is %s', (text, iso) => {
  expect(parseMoment(text)?.toISOString()).toBe(iso)
})

test.each(['', 'soon', '2026-13-01', '02/01/2026', '12'])('"%s" is no moment', text => {
  expect(parseMoment(text)).toBeNull()
})

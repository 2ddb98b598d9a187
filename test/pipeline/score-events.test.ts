import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { tableFromIPC } from 'apache-arrow'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { writeArrow } from '../../src/cli/query/arrow-format.ts'
import { project } from '../../src/cli/query/projection.ts'
import { KeyhoundError } from '../../src/lib/errors.ts'
import { readBatch } from '../../src/pipeline/batch.ts'
import { ingest } from '../../src/pipeline/ingest.ts'
import { score } from '../../src/pipeline/score.ts'
import { train } from '../../src/pipeline/train.ts'
import { openViews } from '../../src/pipeline/views.ts'
import { DETECTOR_NAMES, scoreWindows } from '../../src/scoring/score-windows.ts'
import { type EventScores, openScorer, type ScoredHour, type Scorer } from '../../src/scoring.ts'
import { openWorkspace } from '../../src/sql/workspace.ts'
import type { TinyEvent } from '../engine/tiny-world.ts'
import { dayAt, days, type Office, officeCall, openOffice, takeover } from './office.ts'

// Trained on eight days, scored up to the ninth; the events to score come on the tenth and later.
let office: Office
let scorer: Scorer

beforeAll(async () => {
  office = await openOffice([...days(0, 10), ...takeover(8, 4), ...days(10, 11).slice(0, 20)])
  await train(office.context, { until: dayAt(8) })
  await score(office.context, { to: dayAt(10) })
  scorer = await openScorer(office.context.workspace.root, {
    config: office.context.config!,
    engine: office.world.engine,
  })
})
afterAll(() => {
  scorer.close()
  office.world.close()
})

const rowsOf = (events: readonly TinyEvent[]) =>
  events.map(event => ({ ...event, time: new Date(event.time as number).toISOString() }))

/** What the batch road publishes of a copy of the workspace once the events are ingested. */
async function batchRoad(events: readonly TinyEvent[]): Promise<Record<string, unknown>[]> {
  const root = mkdtempSync(join(tmpdir(), 'keyhound-twin-'))
  try {
    cpSync(office.context.workspace.root, root, { recursive: true })
    const context = { ...office.context, workspace: openWorkspace(root) }
    const file = join(root, 'more.jsonl')
    writeFileSync(
      file,
      rowsOf(events)
        .map(row => JSON.stringify(row))
        .join('\n'),
    )
    if (events.length > 0) await ingest(context, { paths: [file], tokens: 'identifier' })
    await score(context, { from: dayAt(10) })
    await openViews(context.engine, context.workspace)
    return await context.engine.rows('SELECT * FROM scores ORDER BY window_start, tenant_id, token_id')
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

const flat = (hour: ScoredHour) => ({
  tenant_id: hour.tenantId,
  principal_id: hour.principalId,
  token_id: hour.tokenId,
  window_start: hour.windowStart,
  score: hour.score,
  risk: hour.risk,
  severity: hour.severity,
  maturity: hour.maturity,
  filter_probability: hour.filterProbability,
  reasons: JSON.stringify(hour.reasons),
  ...Object.fromEntries(DETECTOR_NAMES.map(name => [`detector_${name}`, hour.detectors[name]])),
})

async function expectSame(events: readonly TinyEvent[], hours: readonly ScoredHour[]): Promise<void> {
  expectRows(await batchRoad(events), hours)
}

function expectRows(batch: readonly Record<string, unknown>[], hours: readonly ScoredHour[]): void {
  const keyOf = (row: { token_id?: unknown; window_start?: unknown }) =>
    `${row.token_id} ${(row.window_start as Date).toISOString()}`
  const stored = new Map(batch.map(row => [keyOf(row), row]))
  expect(hours.length).toBeGreaterThan(0)
  for (const hour of hours.map(flat)) expect(stored.get(keyOf(hour))).toMatchObject(hour)
}

/** Every file of the workspace with its size and time of change. */
function files(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(name => !name.startsWith('state.db'))
    .map(name => {
      const found = statSync(join(folder, name))
      return found.isDirectory() ? name : `${name} ${found.size} ${found.mtimeMs}`
    })
    .sort()
}

describe('events against the history of their tokens', () => {
  const stolen = [...takeover(10, 7), officeCall(10, 2, 9, 40), officeCall(10, 3, 22, 0)]

  let undisturbed: EventScores

  test('the numbers of the batch road to the last bit, and nothing published', async () => {
    const { root } = office.context.workspace
    const before = files(root)
    const found = await scorer.scoreEvents({ rows: rowsOf(stolen) }, { tokens: 'identifier' })
    expect(files(root)).toEqual(before)
    expect(found).toMatchObject({ read: 42, rejected: 0, model: 'default@1' })
    expect(found.hours.map(hour => [hour.tokenId, hour.events])).toEqual([
      ['token-7', 40],
      ['token-2', 1],
      ['token-3', 1],
    ])
    expect(found.hours[0]!.reasons.length).toBeGreaterThan(0)
    expect(found.hours[0]!.risk).toBeGreaterThan(found.hours[1]!.risk)
    await expectSame(stolen, found.hours)
    undisturbed = found
  })

  test('over several days: what is alerted on the first is no habit on the next', async () => {
    const two = [...takeover(10, 7), ...takeover(12, 7), ...days(12, 13)]
    const found = await scorer.scoreEvents({ rows: rowsOf(two) }, { tokens: 'identifier' })
    await expectSame(two, found.hours)
  })

  test('events that are stored already are not counted twice', async () => {
    await score(office.context, { from: dayAt(9), to: dayAt(10) })
    const known = days(9, 10).slice(0, 5)
    const found = await scorer.scoreEvents({ rows: rowsOf(known) }, { tokens: 'identifier' })
    await openViews(office.world.engine, office.context.workspace)
    expectRows(await office.rows('SELECT * FROM scores'), found.hours)
  })

  test('a request is answered with its own events, though its file is as large as that of the one before', async () => {
    const ask = async (token: string, event: string) => {
      const rows = rowsOf(takeover(10, 4).slice(0, 1)).map(row => ({
        ...row,
        token_id: token,
        event_id: event,
      }))
      const { hours } = await scorer.scoreEvents({ rows }, { tokens: 'identifier' })
      return hours.map(hour => hour.tokenId)
    }
    for (const letter of ['a', 'b', 'c', 'd'])
      expect(await ask(`asked-${letter}`, `event-${letter}`)).toEqual([`asked-${letter}`])
  })

  test('a workspace whose features are behind gives the same, and stays behind', async () => {
    const { features } = office.context.workspace
    const last = join(features, 'date=2026-03-11')
    expect(existsSync(last)).toBe(true)
    rmSync(last, { recursive: true })
    expect(await scorer.scoreEvents({ rows: rowsOf(stolen) }, { tokens: 'identifier' })).toEqual(undisturbed)
    expect(existsSync(last)).toBe(false)
  })

  test('what cannot be read is said; a tenant that is bound lets no other in', async () => {
    await expect(scorer.scoreEvents({ rows: [] })).rejects.toThrow('no events')
    const foreign = rowsOf([{ ...officeCall(10, 2, 9, 41), tenant_id: 'other' }, officeCall(10, 2, 9, 42)])
    const found = await scorer.scoreEvents({ rows: foreign }, { tokens: 'identifier', tenant: 'acme' })
    expect(found.rejectsByReason).toEqual({ 'tenant_id: another tenant than the only one allowed': 1 })
    expect(found.hours.map(hour => hour.tenantId)).toEqual(['acme'])
  })
})

describe('vectors', () => {
  test('as batch, as matrix rows and as Arrow: what the kernel says of them', async () => {
    const { engine, workspace } = office.context
    const batch = await readBatch(engine, workspace, ['2026-03-10'])
    const wanted = scoreWindows(scorer.model.detectors, batch)
    expect(scorer.score(batch).score).toEqual(wanted.score)
    await openViews(engine, workspace)
    const pieces: Uint8Array[] = []
    const sql = `SELECT f.*, u.use FROM features f LEFT JOIN (
        SELECT tenant_id, token_id, window_start, list({item: if(facet = 'operation', 'op:', 'scope:') || value, n: n}) AS use
        FROM facets WHERE facet IN ('operation', 'scope') GROUP BY ALL) u USING (tenant_id, token_id, window_start)
      WHERE f.window_start >= TIMESTAMP '2026-03-10' AND f.window_start < TIMESTAMP '2026-03-11' ORDER BY f.window_start, f.tenant_id, f.token_id`
    await writeArrow(engine, await project(engine, sql), async piece => void pieces.push(piece as Uint8Array))
    const bytes = Buffer.concat(pieces)
    const fromArrow = scorer.score(bytes)
    expect(fromArrow.missing).toEqual([])
    expect(fromArrow.score).toEqual(wanted.score)
    expect(fromArrow.evidence.data).toEqual(wanted.evidence.data)
    expect(scorer.score(tableFromIPC(bytes)).risk).toEqual(fromArrow.risk)
    const worst = fromArrow.score.indexOf(Math.max(...fromArrow.score))
    expect(scorer.explain(bytes)[worst]!.length).toBeGreaterThan(0)
    // Without use the clusters are silent, and nothing else changes.
    const alone = scorer.score(batch.features)
    const clusters = DETECTOR_NAMES.indexOf('permission_clusters')
    for (let r = 0; r < alone.evidence.rows; r++)
      expect(alone.evidence.data[r * alone.evidence.cols + clusters]).toBe(0)
  })

  test('absent features are unknown and named; none at all is an error', () => {
    const one = {
      data: Float64Array.of(3),
      rows: 1,
      cols: 1,
      names: [scorer.model.detectors.forest.names[0]!],
    }
    expect(scorer.score(one).missing.length).toBeGreaterThan(50)
    expect(() => scorer.score({ ...one, names: ['nothing'] })).toThrow(KeyhoundError)
    expect(() => scorer.score(Buffer.from('no arrow'))).toThrow('Arrow')
  })

  test('a model folder scores vectors, and says what events need', async () => {
    const alone = await openScorer(join(office.context.workspace.models, 'default', '1'))
    const batch = await readBatch(office.context.engine, office.context.workspace, ['2026-03-10'])
    expect(alone.score(batch).score).toEqual(scorer.score(batch).score)
    await expect(alone.scoreEvents({ rows: [{ a: 1 }] })).rejects.toThrow('open the workspace')
  })
})

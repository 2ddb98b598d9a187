import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { createClient } from '@libsql/client'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { getCheckpoint, setCheckpoint } from '../../src/state/checkpoints.ts'
import { MIGRATIONS } from '../../src/state/migrations.ts'
import { closeState, hasState, openState, type State, withState } from '../../src/state/state.ts'
import {
  activeSuppressions,
  addSuppression,
  countHit,
  covers,
  listSuppressions,
  removeSuppression,
} from '../../src/state/suppressions.ts'
import { listVerdicts, recordVerdict, type VerdictRecord } from '../../src/state/verdicts.ts'

const run = promisify(execFile)
let folder: string
let stateFile: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'keyhound state #1 '))
  stateFile = join(folder, 'state.db')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const day = (n: number) => new Date(Date.UTC(2026, 9, n))
const verdict = (over: Partial<VerdictRecord> = {}): VerdictRecord => ({
  alertId: 'a1',
  verdict: 'true_positive',
  note: null,
  who: 'ann',
  at: day(1),
  tenantId: 'acme',
  tokenId: 't1',
  reasonCode: 'new_network',
  source: 'analyst',
  shown: 'queue',
  model: 'default@1',
  seenAt: day(1),
  detectors: 'new_place+off_hours',
  values: ['unusual_net=203.0.113.0/24'],
  ...over,
})

function using<T>(use: (state: State) => Promise<T>): Promise<T> {
  return withState({ stateFile }, use)
}

describe('opening', () => {
  test('creates the file with the newest version, and again finds what was written', async () => {
    expect(hasState({ stateFile })).toBe(false)
    await using(state => setCheckpoint(state, 'score', '2026-10-05T01:00:00.000Z', day(5)))
    expect(hasState({ stateFile })).toBe(true)
    expect(await using(state => getCheckpoint(state, 'score'))).toBe('2026-10-05T01:00:00.000Z')
    const { rows } = await using(state => state.client.execute('PRAGMA user_version'))
    expect(rows[0]!.user_version).toBe(MIGRATIONS.length)
  })

  test('refuses the database of a newer Keyhound and says so', async () => {
    const client = createClient({ url: pathToFileURL(join(folder, 'newer.db')).href })
    await client.execute('PRAGMA user_version = 99')
    client.close()
    await expect(openState({ stateFile: join(folder, 'newer.db') })).rejects.toMatchObject({
      code: 'corrupt-artefact',
      message: expect.stringContaining('version 99'),
    })
  })

  test('refuses a file that is no database and names it', async () => {
    writeFileSync(stateFile, 'not a database, but long enough to be read as a header of one '.repeat(40))
    await expect(openState({ stateFile })).rejects.toMatchObject({
      code: 'corrupt-artefact',
      message: expect.stringContaining(stateFile),
    })
  })
})

describe('verdicts', () => {
  test('the newest of an alert counts; the earlier one is history', async () => {
    await using(async state => {
      await recordVerdict(state, verdict())
      await recordVerdict(state, verdict({ alertId: 'a2', verdict: 'duplicate' }))
      await recordVerdict(state, verdict({ verdict: 'benign_trigger', note: 'backup job', at: day(3) }))
      const now = await listVerdicts(state)
      expect(now.map(v => [v.alertId, v.verdict])).toEqual([
        ['a2', 'duplicate'],
        ['a1', 'benign_trigger'],
      ])
      expect(now[1]).toEqual(verdict({ verdict: 'benign_trigger', note: 'backup job', at: day(3) }))
      expect(await listVerdicts(state, { alertId: 'a1', history: true })).toHaveLength(2)
    })
  })

  test('`before` answers what was known then, not what a later verdict made of it', async () => {
    await using(async state => {
      await recordVerdict(state, verdict({ at: day(1) }))
      await recordVerdict(state, verdict({ verdict: 'false_positive', at: day(3) }))
      expect(await listVerdicts(state, { before: day(1) })).toEqual([])
      expect((await listVerdicts(state, { before: day(2) })).map(v => v.verdict)).toEqual(['true_positive'])
      expect((await listVerdicts(state, { before: day(4) })).map(v => v.verdict)).toEqual(['false_positive'])
    })
  })

  test('alike alerts are found by tenant, token and reason', async () => {
    await using(async state => {
      await recordVerdict(state, verdict())
      await recordVerdict(state, verdict({ alertId: 'a2', tenantId: 'other' }))
      await recordVerdict(state, verdict({ alertId: 'a3', reasonCode: 'rate_spike' }))
      const alike = await listVerdicts(state, { tenantId: 'acme', reasonCode: 'new_network' })
      expect(alike.map(v => v.alertId)).toEqual(['a1'])
    })
  })

  test('the database refuses a verdict that is none', async () => {
    await using(state =>
      expect(recordVerdict(state, verdict({ verdict: 'maybe' as never }))).rejects.toThrow(/CHECK/),
    )
  })
})

describe('suppressions', () => {
  const facts = {
    tenantId: 'acme',
    principalId: 'p1',
    tokenId: 't1',
    operation: 'GET /export',
    reasonCode: 'data_volume',
  }

  test('are in force from creation until expiry, exclusive, and count what they hold back', async () => {
    await using(async state => {
      const id = await addSuppression(state, {
        tokenId: 't1',
        because: 'nightly backup',
        owner: 'ann',
        createdAt: day(2),
        expiresAt: day(9),
      })
      expect(await activeSuppressions(state, day(1))).toEqual([])
      expect(await activeSuppressions(state, day(2))).toHaveLength(1)
      expect(await activeSuppressions(state, day(9))).toEqual([])
      await countHit(state, id, day(3))
      await countHit(state, id, day(3), 4)
      expect((await listSuppressions(state))[0]).toEqual({
        suppressionId: id,
        tenantId: null,
        principalId: null,
        tokenId: 't1',
        operation: null,
        reasonCode: null,
        because: 'nightly backup',
        owner: 'ann',
        createdAt: day(2),
        expiresAt: day(9),
        hits: 5,
      })
      expect(await removeSuppression(state, id)).toBe(true)
      expect(await removeSuppression(state, id)).toBe(false)
    })
  })

  test('need a scope and a future', async () => {
    const base = { because: 'x', owner: 'ann', createdAt: day(2), expiresAt: day(3) }
    await using(async state => {
      await expect(addSuppression(state, base)).rejects.toMatchObject({ code: 'usage' })
      await expect(addSuppression(state, { ...base, tokenId: 't', expiresAt: day(2) })).rejects.toMatchObject(
        { code: 'usage' },
      )
    })
  })

  test('every set part of the scope must match', () => {
    expect(covers({ tokenId: 't1' }, facts)).toBe(true)
    expect(covers({ tokenId: 't1', reasonCode: 'data_volume', operation: 'GET /export' }, facts)).toBe(true)
    expect(covers({ tokenId: 't1', reasonCode: 'new_network' }, facts)).toBe(false)
    expect(covers({ tenantId: 'acme', principalId: 'p2' }, facts)).toBe(false)
    expect(covers({ operation: 'GET /export' }, { ...facts, operation: null })).toBe(false)
  })
})

test('checkpoints: unknown is null, the last set stays', async () => {
  const state = await openState({ stateFile })
  expect(await getCheckpoint(state, 'score')).toBeNull()
  await setCheckpoint(state, 'score', 'a', day(1))
  await setCheckpoint(state, 'score', 'b', day(2))
  expect(await getCheckpoint(state, 'score')).toBe('b')
  closeState(state)
})

test('two processes that create, migrate and write at once lose nothing', async () => {
  const each = 150
  const writer = fileURLToPath(new URL('./writer.ts', import.meta.url))
  // The suppression that both count on; the first process to open creates the tables.
  await using(state =>
    addSuppression(state, { tokenId: 't', because: 'x', owner: 'o', createdAt: day(1), expiresAt: day(9) }),
  )
  const start = (who: string) =>
    run(process.execPath, ['--import', 'tsx', writer, stateFile, who, String(each)])
  await Promise.all([start('ann'), start('bob')])
  await using(async state => {
    expect(await listVerdicts(state)).toHaveLength(2 * each)
    expect((await listSuppressions(state))[0]!.hits).toBe(2 * each)
  })
})

test('several openings of a new database at once migrate it once', async () => {
  const states = await Promise.all(Array.from({ length: 4 }, () => openState({ stateFile })))
  await Promise.all(states.map((state, i) => setCheckpoint(state, `k${i}`, 'x', day(1))))
  expect(await getCheckpoint(states[0]!, 'k3')).toBe('x')
  states.forEach(closeState)
})

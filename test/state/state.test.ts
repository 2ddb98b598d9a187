import { execFile, spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { createClient } from '@libsql/client'
import { sql } from 'kysely'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { listAudit, recordAudit } from '../../src/state/audit.ts'
import { getCheckpoint, setCheckpoint } from '../../src/state/checkpoints.ts'
import { addLinkDecision, readLinkDecisions } from '../../src/state/lineage.ts'
import { LIBSQL_WORDS, MIGRATIONS } from '../../src/state/migrations.ts'
import {
  closeState,
  hasState,
  inTransaction,
  openState,
  type State,
  withState,
} from '../../src/state/state.ts'
import {
  activeSuppressions,
  addSuppression,
  countHit,
  covers,
  listSuppressions,
  recordHit,
  removeSuppression,
} from '../../src/state/suppressions.ts'
import { listVerdicts, recordVerdict, type VerdictRecord } from '../../src/state/verdicts.ts'
import { describeBackends, makeFile, queryPostgres, type TestPlace } from './backends.ts'

const run = promisify(execFile)
let place: TestPlace

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
  return withState(place, use)
}

const ann = { actor: 'cli:ann', at: day(4) }

describe('the state file', () => {
  beforeEach(() => {
    place = makeFile()
  })
  afterEach(() => place.clean())

  test('is made by opening, not by asking', async () => {
    expect(hasState(place)).toBe(false)
    await using(async () => {})
    expect(hasState(place)).toBe(true)
    const { rows } = await using(({ db }) => sql<{ user_version: number }>`PRAGMA user_version`.execute(db))
    expect(rows[0]!.user_version).toBe(MIGRATIONS.length)
  })

  test('of a newer Keyhound is refused, and says so', async () => {
    const client = createClient({ url: pathToFileURL(place.stateFile).href })
    await client.execute('PRAGMA user_version = 99')
    client.close()
    await expect(openState(place)).rejects.toMatchObject({
      code: 'corrupt-artefact',
      message: expect.stringContaining('version 99'),
    })
  })

  test('that is no database is refused and named', async () => {
    writeFileSync(
      place.stateFile,
      'not a database, but long enough to be read as a header of one '.repeat(40),
    )
    await expect(openState(place)).rejects.toMatchObject({
      code: 'corrupt-artefact',
      message: expect.stringContaining(place.stateFile),
    })
  })

  test('of the version before is brought up to date and keeps what it holds', async () => {
    const client = createClient({ url: pathToFileURL(place.stateFile).href })
    const earlier = MIGRATIONS.slice(0, 3).flatMap(step => step(LIBSQL_WORDS))
    await client.batch([
      ...earlier,
      `INSERT INTO verdicts (alert_id, verdict, who, at) VALUES ('a1', 'duplicate', 'ann', 5)`,
      'PRAGMA user_version = 3',
    ])
    client.close()
    await using(async state => {
      expect((await listVerdicts(state)).map(one => [one.alertId, one.verdict])).toEqual([
        ['a1', 'duplicate'],
      ])
      await recordVerdict(state, verdict())
      expect(await listAudit(state)).toHaveLength(1)
    })
  })
})

test('a database that is no PostgreSQL, or does not answer, is named without its password', async () => {
  const open = (url: string) => openState({ stateFile: '', stateDatabase: { url, schema: 'keyhound' } })
  await expect(open('mysql://ann:secret@host/db')).rejects.toMatchObject({
    code: 'usage',
    message: expect.not.stringContaining('secret'),
  })
  // Port 9 (discard) of loopback: nobody listens.
  await expect(open('postgres://ann:secret@127.0.0.1:9/db')).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringMatching(/^(?!.*secret).*postgres:\/\/ann@127\.0\.0\.1:9\/db.*ECONNREFUSED/),
  })
})

describeBackends('state', backend => {
  beforeEach(() => {
    place = backend.makePlace()
  })
  afterEach(() => place.clean())

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
        expect((await listVerdicts(state, { before: day(4) })).map(v => v.verdict)).toEqual([
          'false_positive',
        ])
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
        expect(recordVerdict(state, verdict({ verdict: 'maybe' as never }))).rejects.toThrow(
          /check constraint/i,
        ),
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
        await countHit(state, id, day(3), 3)
        await recordHit(state, id, 'alert-1', day(3))
        // The same alert, its day scored again, is not another.
        await recordHit(state, id, 'alert-1', day(4))
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
        expect(await removeSuppression(state, id, ann)).toBe(true)
        expect(await removeSuppression(state, id, ann)).toBe(false)
      })
    })

    test('need a scope and a future', async () => {
      const base = { because: 'x', owner: 'ann', createdAt: day(2), expiresAt: day(3) }
      await using(async state => {
        await expect(addSuppression(state, base)).rejects.toMatchObject({ code: 'usage' })
        await expect(
          addSuppression(state, { ...base, tokenId: 't', expiresAt: day(2) }),
        ).rejects.toMatchObject({ code: 'usage' })
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
    const state = await openState(place)
    expect(await getCheckpoint(state, 'score')).toBeNull()
    await setCheckpoint(state, 'score', 'a', day(1))
    await setCheckpoint(state, 'score', 'b', day(2))
    expect(await getCheckpoint(state, 'score')).toBe('b')
    await closeState(state)
  })

  test('two processes that create, migrate and write at once lose nothing', async () => {
    const each = 100
    const writer = fileURLToPath(new URL('./writer.ts', import.meta.url))
    // The suppression that both count on; the first process to open creates the tables.
    await using(state =>
      addSuppression(state, { tokenId: 't', because: 'x', owner: 'o', createdAt: day(1), expiresAt: day(9) }),
    )
    const start = (who: string) =>
      run(process.execPath, ['--import', 'tsx', writer, JSON.stringify(place), who, String(each)])
    await Promise.all([start('ann'), start('bob')])
    await using(async state => {
      expect(await listVerdicts(state)).toHaveLength(2 * each)
      expect((await listSuppressions(state))[0]!.hits).toBe(2 * each)
    })
  })

  test('a process killed between writes leaves each change with its line in the audit trail, and the state open to others', async () => {
    await using(async () => {})
    const writer = fileURLToPath(new URL('./writer.ts', import.meta.url))
    const child = spawn(process.execPath, ['--import', 'tsx', writer, JSON.stringify(place), 'ann', '100000'])
    const ended = new Promise(resolve => child.once('exit', resolve))
    await using(async state => {
      await expect
        .poll(async () => (await listVerdicts(state)).length, { timeout: 60_000 })
        .toBeGreaterThan(20)
      child.kill('SIGKILL')
      await ended
      // A server may still be carrying out what it was sent last.
      const unexplained = async () =>
        (await listVerdicts(state)).length - (await listAudit(state, { limit: 100_000 })).length
      await expect.poll(unexplained).toBe(0)
      await recordVerdict(state, verdict({ alertId: 'after' }))
      expect(await listVerdicts(state, { alertId: 'after' })).toHaveLength(1)
    })
  })

  test('several openings of a new database at once migrate it once', async () => {
    const states = await Promise.all(Array.from({ length: 4 }, () => openState(place)))
    await Promise.all(states.map((state, i) => setCheckpoint(state, `k${i}`, 'x', day(1))))
    expect(await getCheckpoint(states[0]!, 'k3')).toBe('x')
    await Promise.all(states.map(closeState))
  })

  test('reads what was written at an earlier opening', async () => {
    await using(state => setCheckpoint(state, 'score', '2026-10-05T01:00:00.000Z', day(5)))
    expect(hasState(place)).toBe(true)
    expect(await using(state => getCheckpoint(state, 'score'))).toBe('2026-10-05T01:00:00.000Z')
  })

  test('a transaction that fails leaves nothing behind, and the state usable', async () => {
    await using(async state => {
      const failing = inTransaction(state, async lent => {
        await recordVerdict(lent, verdict())
        throw new Error('half-way')
      })
      await expect(failing).rejects.toThrow('half-way')
      expect(await listVerdicts(state)).toEqual([])
      expect(await listAudit(state)).toEqual([])
      await recordVerdict(state, verdict())
      expect(await listVerdicts(state)).toHaveLength(1)
    })
  })

  test('transactions of one process, over one opening and several, wait for each other', async () => {
    const states = await Promise.all(Array.from({ length: 3 }, () => openState(place)))
    const writes = Array.from({ length: 30 }, (_, i) =>
      inTransaction(states[i % 3]!, async lent => {
        const seen = Number((await getCheckpoint(lent, `sum ${i % 3}`)) ?? 0)
        await setCheckpoint(lent, `at ${i}`, String(seen), day(1))
        await recordVerdict(lent, verdict({ alertId: `a${i}` }))
      }),
    )
    await Promise.all(writes)
    expect(await listVerdicts(states[0]!)).toHaveLength(30)
    await Promise.all(states.map(closeState))
  })

  test('link decisions: the newest of a pair holds, each leaves its line', async () => {
    const link = {
      tenantId: 'acme',
      tokenId: 't2',
      predecessorId: 't1',
      isLinked: true,
      since: day(1),
      because: 'ticket 7',
      owner: 'ann',
      at: day(2),
    }
    await using(async state => {
      await addLinkDecision(state, link)
      await addLinkDecision(state, { ...link, isLinked: false, at: day(3) }, 'cli:bob')
      expect((await listAudit(state)).map(line => [line.actor, line.action])).toEqual([
        ['cli:bob', 'lineage.unlink'],
        ['ann', 'lineage.link'],
      ])
    })
    expect(await readLinkDecisions(place)).toEqual([{ ...link, isLinked: false, at: day(3) }])
  })

  describe('the audit trail', () => {
    test('tells who did what, newest first, a page at a time', async () => {
      await using(async state => {
        await recordVerdict(state, verdict({ note: 'x' }), 'cli:ann')
        const id = await addSuppression(
          state,
          { tokenId: 't1', because: 'backup', owner: 'ann', createdAt: day(2), expiresAt: day(9) },
          'key:1',
        )
        await removeSuppression(state, id, ann)
        const all = await listAudit(state)
        expect(all.map(line => [line.actor, line.action, line.subject, line.at])).toEqual([
          ['cli:ann', 'suppression.remove', `suppression:${id}`, day(4)],
          ['key:1', 'suppression.add', `suppression:${id}`, day(2)],
          ['cli:ann', 'alert.verdict', 'alert:a1', day(1)],
        ])
        expect(all[2]).toMatchObject({
          tenantId: 'acme',
          details: { verdict: 'true_positive', note: 'x', who: 'ann' },
        })
        const [first] = await listAudit(state, { limit: 1 })
        expect(await listAudit(state, { before: first!.auditId })).toEqual(all.slice(1))
        expect(await listAudit(state, { action: 'suppression' })).toEqual(all.slice(0, 2))
        expect(await listAudit(state, { action: 'suppression.add' })).toEqual([all[1]])
        expect(await listAudit(state, { actor: 'cli:ann', tenantId: 'acme' })).toEqual([all[2]])
        expect(await listAudit(state, { from: day(2), to: day(4) })).toEqual([all[1]])
      })
    })

    test('refuses to be changed', async () => {
      await using(async state => {
        await recordAudit(state, { action: 'x.y', subject: 'x:1' }, ann)
        await expect(state.db.updateTable('audit').set({ actor: 'nobody' }).execute()).rejects.toThrow(
          /append-only/,
        )
        await expect(state.db.deleteFrom('audit').execute()).rejects.toThrow(/append-only/)
        expect(await listAudit(state)).toHaveLength(1)
      })
    })
  })

  if (backend.name === 'postgres') {
    test('a schema of a newer Keyhound is refused, and says so', async () => {
      await using(async () => {})
      const { url, schema } = place.stateDatabase!
      await queryPostgres(url, `UPDATE ${schema}.state_version SET version = 99`)
      await expect(openState(place)).rejects.toMatchObject({
        code: 'corrupt-artefact',
        message: expect.stringContaining('version 99'),
      })
    })

    test('goes on after the server has ended its connections', async () => {
      await using(async state => {
        await setCheckpoint(state, 'score', 'a', day(1))
        const { url } = place.stateDatabase!
        await queryPostgres(
          url,
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
           WHERE application_name = 'keyhound' AND query LIKE '%${place.stateDatabase!.schema}%' AND pid <> pg_backend_pid()`,
        )
        // The pool learns of it a moment later; until then a query may fail, and never the process.
        const read = () => getCheckpoint(state, 'score').catch(() => 'not yet')
        await expect.poll(read).toBe('a')
      })
    })

    test('two schemas of one database do not see each other', async () => {
      const other = backend.makePlace()
      await using(state => recordVerdict(state, verdict()))
      expect(await withState(other, state => listVerdicts(state))).toEqual([])
      await other.clean()
    })
  }
})

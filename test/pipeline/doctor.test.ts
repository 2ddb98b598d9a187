import {
  appendFileSync,
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient } from '@libsql/client'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { ensureFacets } from '../../src/engine/facets.ts'
import type { DoctorContext } from '../../src/pipeline/doctor/check.ts'
import { examine } from '../../src/pipeline/doctor/doctor.ts'
import { checkNode } from '../../src/pipeline/doctor/installation.ts'
import { checkDrift } from '../../src/pipeline/doctor/models.ts'
import { score } from '../../src/pipeline/score.ts'
import { train } from '../../src/pipeline/train.ts'
import { configSchema } from '../../src/schema/config.ts'
import type { Check } from '../../src/schema/doctor.ts'
import { openWorkspace, type Workspace } from '../../src/sql/workspace.ts'
import { takeLease } from '../../src/state/leases.ts'
import { markDelivered } from '../../src/state/outbox.ts'
import { beginRun, endRun } from '../../src/state/runs.ts'
import { withState } from '../../src/state/state.ts'
import { addSuppression } from '../../src/state/suppressions.ts'
import { settleState } from '../state/settle.ts'
import { dayAt, days, type Office, openOffice } from './office.ts'

/** A sound workspace, made once; each test works on a copy. The doctor comes an hour after the last day is scored. */
let office: Office
let workspace: Workspace
let temporaryFolder: string
const NOW = dayAt(5, 1)

beforeAll(async () => {
  office = await openOffice(days(0, 5))
  await train(office.context, { until: dayAt(4) })
  await score({ ...office.context, now: NOW }, { from: dayAt(4), to: dayAt(5) })
  // Somebody has asked for facets.
  await ensureFacets(office.context.engine, office.context.workspace)
  // The copies begin after that.
  await settleState(office.world.workspace.root)
})
afterAll(() => office.world.close())

beforeEach(() => {
  const root = mkdtempSync(join(tmpdir(), 'keyhound-doctor-test-'))
  cpSync(office.world.workspace.root, root, { recursive: true })
  workspace = openWorkspace(root)
  temporaryFolder = mkdtempSync(join(tmpdir(), 'keyhound-doctor-tmp-'))
})
afterEach(() => {
  rmSync(workspace.root, { recursive: true, force: true })
  rmSync(temporaryFolder, { recursive: true, force: true })
})

function look(more: Partial<DoctorContext> = {}) {
  const { engine, progress } = office.context
  const config = configSchema.parse({})
  return examine({ engine, workspace, progress, now: NOW, config, env: {}, temporaryFolder, ...more })
}

/** What is found of one check once the workspace is damaged. */
async function found(check: string, more: Partial<DoctorContext> = {}): Promise<Check[]> {
  return (await look(more)).checks.filter(one => one.check === check && one.level !== 'ok')
}

const state = <T>(use: Parameters<typeof withState<T>>[1]) => withState(workspace, use)
const firstFile = (folder: string) => {
  const day = join(folder, readdirSync(folder).filter(name => name.startsWith('date='))[0]!)
  return join(day, readdirSync(day).filter(name => /^[^.].*\.parquet$/.test(name))[0]!)
}

describe('a sound workspace', () => {
  test('has nothing to look at, every check was made, and each says something', async () => {
    const { checks, level } = await look()
    expect(checks.filter(check => check.level !== 'ok')).toEqual([])
    expect(level).toBe('ok')
    expect(new Set(checks.map(check => check.check))).toEqual(
      new Set([
        ...['node', 'engine', 'optional', 'layout', 'key-file', 'leftovers', 'scratch', 'disk'],
        ...['state', 'leases', 'runs', 'rejects', 'deliveries', 'suppressions', 'clock', 'lag'],
        ...[
          'table-events',
          'table-activity',
          'table-facets',
          'table-features',
          'table-scores',
          'table-alerts',
        ],
        ...['model', 'features', 'drift'],
      ]),
    )
    for (const check of checks) expect(check.what).not.toBe('')
  })

  test('is left as it was: no file comes, goes or changes', async () => {
    const everything = () =>
      readdirSync(workspace.root, { recursive: true, encoding: 'utf8' })
        // Whoever looks into the state leaves the two side files of SQLite beside it, empty.
        .filter(path => !/^state\.db-(shm|wal)$/.test(path) && statSync(join(workspace.root, path)).isFile())
        .map(path => [path, readFileSync(join(workspace.root, path)).toString('base64')])
        .sort()
    const before = everything()
    await look()
    expect(everything()).toEqual(before)
  })
})

describe('what is damaged is found, with where and what to do', () => {
  test('no folder, and a folder with nothing in it', async () => {
    const none = openWorkspace(join(workspace.root, 'none'))
    expect((await look({ workspace: none })).checks).toMatchObject([{ check: 'layout', level: 'fail' }])
    const empty = openWorkspace(temporaryFolder)
    const { checks, level } = await look({ workspace: empty })
    expect(level).toBe('warn')
    expect(checks.filter(one => one.level !== 'ok').map(one => one.check)).toEqual(['layout', 'model'])
  })

  test('a key that others can read, and one that is cut off', async () => {
    chmodSync(workspace.keyFile, 0o644)
    expect(await found('key-file')).toMatchObject([
      { level: 'fail', what: expect.stringContaining('mode 644'), todo: `chmod 600 ${workspace.keyFile}` },
    ])
    chmodSync(workspace.keyFile, 0o600)
    truncateSync(workspace.keyFile, 10)
    expect(await found('key-file')).toMatchObject([{ level: 'fail', what: 'holds 7 bytes, not 32' }])
  })

  test('half-written files of processes that are gone, not those of living ones', async () => {
    const living = `.${process.ppid}-0123456789ab.tmp`
    writeFileSync(join(workspace.root, 'data', 'scores', living), 'x')
    expect(await found('leftovers')).toEqual([])
    writeFileSync(join(workspace.root, 'data', 'scores', '.0123456789ab.tmp'), 'x'.repeat(2000))
    mkdirSync(join(workspace.root, 'data', '.ingest-999999999-0f'))
    expect(await found('leftovers')).toMatchObject([
      { level: 'warn', what: 'killed runs left 2 half-written files (2.0 kB)' },
    ])
  })

  test('scratch folders older than a day, not younger ones and not what is named otherwise', async () => {
    const make = (name: string, ageHours: number) => {
      const path = join(temporaryFolder, name)
      mkdirSync(path)
      const at = new Date(NOW.getTime() - 3_600_000 * ageHours)
      utimesSync(path, at, at)
    }
    make('keyhound-AbCd12', 23)
    make('keyhound-mine', 48)
    expect(await found('scratch')).toEqual([])
    make('keyhound-x1Y2z3', 25)
    expect(await found('scratch')).toMatchObject([
      { level: 'warn', where: join(temporaryFolder, 'keyhound-x1Y2z3') },
    ])
  })

  test('a state that is no database, one of a newer version, one of an older', async () => {
    const version = async (value: number) => {
      const client = createClient({ url: `file:${workspace.stateFile}` })
      await client.execute(`PRAGMA user_version = ${value}`)
      client.close()
    }
    await version(99)
    expect(await found('state')).toMatchObject([
      { level: 'fail', what: expect.stringContaining('version 99') },
    ])
    await version(3)
    expect(await found('state')).toMatchObject([
      { level: 'warn', what: expect.stringContaining('version 3') },
    ])
    for (const more of ['-wal', '-shm']) rmSync(workspace.stateFile + more, { force: true })
    writeFileSync(workspace.stateFile, 'no database, whatever its name says'.repeat(100))
    expect(await found('state')).toMatchObject([{ level: 'fail', where: workspace.stateFile }])
  })

  test('a state database that does not answer; the password is not told', async () => {
    const away = openWorkspace(workspace.root, {
      url: 'postgres://ann:secret-password@127.0.0.1:1/none',
      schema: 'keyhound',
    })
    const checks = await found('state', { workspace: away })
    expect(checks).toMatchObject([{ level: 'fail', what: expect.stringContaining('cannot be used') }])
    expect(JSON.stringify(checks)).not.toContain('secret-password')
  })

  test('leases of runs that were killed, not of one at work', async () => {
    const lease = (name: string, pid: number, expiresAt: Date) =>
      state(open =>
        takeLease(open, {
          name,
          holder: name,
          purpose: name,
          host: hostname(),
          pid,
          since: dayAt(0),
          expiresAt,
        }),
      )
    await lease('score', process.pid, dayAt(6))
    expect(await found('leases')).toEqual([])
    await lease('ingest', process.pid, dayAt(5))
    await lease('watch', 999_999_999, dayAt(6))
    expect(await found('leases')).toMatchObject([{ where: 'ingest' }, { where: 'watch' }])
  })

  test('a run that failed, and an ingest that rejected a tenth', async () => {
    const run = (command: 'ingest' | 'score', rejects: number, error: string | null) =>
      state(async open => {
        const id = await beginRun(open, { command, actor: 'x', host: 'h', pid: 1 }, NOW)
        const figures = { rows: 1000, rejects }
        await endRun(open, id, { status: error === null ? 'done' : 'failed', figures, error }, NOW)
      })
    await run('ingest', 50, null)
    expect([...(await found('rejects')), ...(await found('runs'))]).toEqual([])
    await run('ingest', 100, null)
    expect(await found('rejects')).toMatchObject([{ what: expect.stringContaining('100 of 1000 rows') }])
    await run('score', 0, 'out of memory')
    expect(await found('runs')).toMatchObject([{ what: expect.stringContaining('failed: out of memory') }])
  })

  test('messages that were given up, and suppressions that have ended', async () => {
    await state(async ({ db }) => {
      const row = (id: string, status: 'dead' | 'pending') => ({
        ...{ id, sink: 'soc', alert_id: 'a', payload: '', attempts: 14, next_at: 0, status },
        ...{ last_error: null, created_at: 0 },
      })
      await db
        .insertInto('outbox')
        .values([row('d1', 'pending')])
        .execute()
    })
    expect(await found('deliveries')).toEqual([])
    await state(async ({ db }) => {
      await db.updateTable('outbox').set({ status: 'dead' }).execute()
    })
    expect(await found('deliveries')).toMatchObject([{ where: 'soc', what: '1 message to soc was given up' }])
    await state(open => markDelivered(open, 'd1'))

    const suppress = (until: number) =>
      state(open =>
        addSuppression(open, {
          ...{ tokenId: 'token-1', because: 'load test', owner: 'ann' },
          ...{ createdAt: dayAt(0), expiresAt: dayAt(until) },
        }),
      )
    await suppress(6)
    expect(await found('suppressions')).toEqual([])
    await suppress(4)
    expect(await found('suppressions')).toMatchObject([
      { what: '1 suppression in force, 1 expired: 2 (ann, 2026-03-06)' },
    ])
  })

  test('a table that is cut off, one with a column of another type, one with strange columns', async () => {
    const { engine } = office.context
    const rewrite = async (folder: string, select: string) => {
      const file = firstFile(folder)
      const aside = join(temporaryFolder, 'aside.parquet')
      await engine.run(
        `COPY (SELECT ${select} FROM read_parquet('${file}', hive_partitioning = false)) TO '${aside}'`,
      )
      cpSync(aside, file)
      return file
    }
    truncateSync(firstFile(workspace.scores), 200)
    const wrong = await rewrite(workspace.events, "* REPLACE (time::VARCHAR || ' h' AS time)")
    const strange = await rewrite(workspace.activity, '*, 1 AS mine')
    const { checks } = await look()
    const of = (check: string) => checks.filter(one => one.check === check)
    expect(of('table-scores')).toMatchObject([
      { level: 'fail', where: firstFile(workspace.scores), todo: expect.stringContaining('keyhound score') },
    ])
    expect(of('table-events')).toMatchObject([
      { level: 'fail', where: wrong, what: 'column time is VARCHAR, not a time, in 1 file' },
    ])
    expect(of('table-activity')).toMatchObject([
      { level: 'warn', where: strange, what: 'unexpected columns: mine' },
    ])
    // What cannot be read is not asked for more.
    expect([...of('lag'), ...of('clock')]).toEqual([])
  })

  test('scores that lag behind, and events from the future', async () => {
    expect(await found('clock', { now: new Date(NOW.getTime() - 8 * 3_600_000) })).toEqual([])
    const early = await found('clock', { now: dayAt(4, 14) })
    expect(early).toMatchObject([
      { level: 'warn', what: expect.stringMatching(/events from the future.*16:/) },
    ])
    rmSync(join(workspace.scores, 'date=2026-03-06'), { recursive: true })
    expect(await found('lag')).toMatchObject([{ what: 'nothing is scored yet' }])
  })

  test('hours behind are counted from the newest event to the last hour scored', async () => {
    const file = firstFile(workspace.scores)
    const day = join(workspace.scores, 'date=2026-03-04')
    mkdirSync(day)
    const aside = join(day, 'scores.parquet')
    const { engine } = office.context
    await engine.run(
      `COPY (SELECT * REPLACE (window_end - INTERVAL 2 DAY AS window_end) FROM read_parquet('${file}', hive_partitioning = false)) TO '${aside}'`,
    )
    rmSync(join(workspace.scores, 'date=2026-03-06'), { recursive: true })
    // The last events are of 16 o'clock of the 6th, what was scored ends at 17 o'clock of the 4th: 47 hours and some minutes.
    expect(await found('lag')).toMatchObject([
      { level: 'warn', what: expect.stringContaining('47 hours behind') },
    ])
  })

  test('a model with a bit turned, one of other features, one that is promoted and gone', async () => {
    const folder = join(workspace.models, 'default', '1')
    const manifest = join(folder, 'manifest.json')
    const whole = readFileSync(manifest, 'utf8')
    appendFileSync(join(folder, 'forest.bin'), 'x')
    expect(await found('model')).toMatchObject([
      { level: 'fail', where: folder, what: expect.stringContaining('checksum') },
    ])
    cpSync(join(office.world.workspace.models, 'default', '1', 'forest.bin'), join(folder, 'forest.bin'))

    writeFileSync(manifest, whole.replace(/"featureFingerprint": "[^"]*"/, '"featureFingerprint": "other"'))
    expect([...(await found('model')), ...(await found('features'))]).toMatchObject([{ level: 'fail' }])
    writeFileSync(manifest, whole)
    expect(await found('model')).toEqual([])

    writeFileSync(
      join(workspace.models, 'default', 'promoted.json'),
      JSON.stringify({ name: 'default', version: 7 }),
    )
    expect(await found('model')).toMatchObject([
      { level: 'fail', what: 'default@7 is promoted, and not there' },
    ])
    writeFileSync(join(workspace.models, 'default', 'promoted.json'), 'no JSON')
    expect(await found('model')).toMatchObject([
      { level: 'fail', what: expect.stringContaining('cannot be read') },
    ])
  })

  test('drift beyond the bound', () => {
    const drift = {
      model: 'default@1',
      from: '2026-03-02',
      to: '2026-03-08',
      weighted: 0.234,
      isBeyond: true,
    }
    expect(checkDrift(drift, 0.1, 'models/default/1')).toMatchObject({
      level: 'warn',
      what: 'drift of default@1 over 2026-03-02 to 2026-03-08: 0.23, bound 0.1',
      todo: expect.stringContaining('keyhound models compare'),
    })
    expect(checkDrift({ ...drift, weighted: 0.04, isBeyond: false }, 0.1, '').level).toBe('ok')
  })

  test('secrets that are not set, by name', async () => {
    const config = configSchema.parse({
      sinks: [{ name: 'soc', kind: 'slack', urlEnv: 'SLACK_URL' }],
    })
    expect(await found('secrets', { config })).toMatchObject([{ level: 'warn', where: 'SLACK_URL' }])
    expect(await found('secrets', { config, env: { SLACK_URL: 'https://hooks.example' } })).toEqual([])
  })

  test('a Node that is too old', () => {
    expect(checkNode('20.10.0')).toMatchObject({ level: 'fail' })
    expect(['20.11.0', '22.0.0'].map(version => checkNode(version).level)).toEqual(['ok', 'ok'])
  })
})

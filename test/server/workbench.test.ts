import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { train } from '../../src/pipeline/train.ts'
import { createApp } from '../../src/server/app.ts'
import { forkJobs } from '../../src/server/jobs/fork.ts'
import { createJobs, type Jobs } from '../../src/server/jobs/jobs.ts'
import { listAudit } from '../../src/state/audit.ts'
import { listSuppressions } from '../../src/state/suppressions.ts'
import { dayAt } from '../pipeline/office.ts'
import { type ApiWorld, openApiWorld } from './world.ts'

let world: ApiWorld
let folder: string

beforeAll(async () => {
  world = await openApiWorld()
  folder = mkdtempSync(join(tmpdir(), 'keyhound-workbench-'))
  // A challenger, trained on less.
  await train(world.office.context, { until: dayAt(6) })
})
afterAll(async () => {
  await world.services.jobs.close()
  await world.close()
  rmSync(folder, { recursive: true, force: true })
})

/** The job once it runs no more. */
async function ended(jobId: number, key = 'viewer') {
  for (;;) {
    const { json } = await world.call('GET', `/v1/jobs/${jobId}`, { key })
    if (json.status !== 'running') return json
    await new Promise(resolve => setTimeout(resolve, 20))
  }
}

const post = (path: string, key: string, body: unknown) => world.call('POST', path, { key, body })

describe('explore', () => {
  test('every scored hour is in it, and a brush leaves what the list of tokens has', async () => {
    const { json: all } = await post('/v1/explore', 'viewer', {})
    const rows = await world.office.rows<{ n: number }>('SELECT count(*) AS n FROM scores')
    expect([all.windows, all.matching]).toEqual([rows[0]!.n, rows[0]!.n])
    expect(all.values.tenant.values.map((one: { value: string }) => one.value).sort()).toEqual([
      'acme',
      'globex',
    ])
    const { json: risky } = await post('/v1/explore', 'viewer', {
      ranges: { risk: { from: 50 } },
      values: { country: ['US'] },
    })
    expect(risky.matching).toBeGreaterThan(0)
    for (const row of risky.rows) expect(row.risk).toBeGreaterThanOrEqual(50)
    const { json: tokens } = await world.call('GET', '/v1/tokens?limit=1', { key: 'viewer' })
    expect(risky.rows[0]).toMatchObject({
      tokenId: tokens.items[0].tokenId,
      risk: tokens.items[0].risk,
      windowStart: tokens.items[0].riskiestHour,
    })
    expect(risky.values.operation.values[0].value).toBe('DELETE /admin/users/{id}')
  })

  test('a bound key counts its own tenant, whose bins reach no further', async () => {
    const { json } = await post('/v1/explore', 'viewer/acme', {})
    const [own] = await world.office.rows<{ n: number; high: number }>(
      "SELECT count(*) AS n, max(score) AS high FROM scores WHERE tenant_id = 'acme'",
    )
    expect(json.windows).toBe(own!.n)
    const { from, width, bins } = json.ranges.score
    expect(from + width * (bins.length - 1)).toBeLessThanOrEqual(own!.high)
  })

  test('what cannot be asked is refused', async () => {
    for (const body of [{ ranges: { nonsense: {} } }, { values: { ip: ['x'] } }, { mostRows: 1e6 }])
      expect((await post('/v1/explore', 'viewer', body)).status).toBe(422)
  })
})

describe('what-if', () => {
  test('a change is replayed, shown, and applied by whoever may', async () => {
    const because = 'an exercise'
    const change = { suppressions: { add: [{ principalId: 'acme-person-4', because }] } }
    const begun = await post('/v1/replays', 'analyst', { change })
    expect([begun.status, begun.json.status]).toEqual([202, 'running'])
    const busy = await post('/v1/replays', 'admin', { change: { budget: 3 } })
    expect([busy.status, busy.json.code]).toEqual([409, 'busy'])
    const job = await ended(begun.json.jobId)
    expect(job).toMatchObject({ status: 'done', error: null, applicable: { isApplicable: true } })
    expect(job.replay.lost.map((one: { principalId: string }) => one.principalId)).toContain('acme-person-4')
    expect(job.replay.after.alerts).toBe(job.replay.before.alerts - job.replay.lost.length)

    const path = `/v1/replays/${job.jobId}/application`
    expect((await post(path, 'viewer', {})).status).toBe(403)
    const applied = await post(path, 'analyst', {})
    expect(applied.json.applied).toEqual([expect.stringContaining('is in force until')])
    expect((await post(path, 'analyst', {})).status).toBe(409)
    const [made] = await listSuppressions(world.services.state)
    expect(made).toMatchObject({ principalId: 'acme-person-4', because, owner: 'analyst' })
    const [line] = await listAudit(world.services.state, { subject: `suppression:${made!.suppressionId}` })
    expect(line!.actor).toMatch(/^key:/)
  })

  test('a budget goes into the configuration file: by an admin, if there is one', async () => {
    const { jobId } = (await post('/v1/replays', 'analyst', { change: { budget: '2/day' } })).json
    const job = await ended(jobId)
    expect(job.applicable).toEqual({ isApplicable: false, because: expect.stringContaining('--config FILE') })
    expect((await post(`/v1/replays/${jobId}/application`, 'admin', {})).status).toBe(409)
    const configFile = join(folder, 'config.json')
    writeFileSync(configFile, JSON.stringify({ forest: { trees: 30 } }))
    const app = createApp({ ...world.services, configFile })
    const apply = (key: string) =>
      app.request(`/v1/replays/${jobId}/application`, {
        method: 'POST',
        body: '{}',
        headers: { authorization: `Bearer ${world.keys[key]}`, 'content-type': 'application/json' },
      })
    expect((await apply('analyst')).status).toBe(403)
    expect((await apply('admin')).status).toBe(200)
    expect(JSON.parse(readFileSync(configFile, 'utf8'))).toMatchObject({
      forest: { trees: 30 },
      alerts: { budgetPerDay: 2 },
    })
  })

  test('what is wrong with a change is said at once; what fails later is said by the job', async () => {
    const wrong = await post('/v1/replays', 'analyst', { change: { budget: 'many', riskThreshold: 200 } })
    expect([wrong.status, wrong.json.errors.length]).toEqual([422, 2])
    expect((await post('/v1/replays', 'analyst', { change: {} })).status).toBe(422)
    const { jobId } = (await post('/v1/replays', 'analyst', { change: { model: 'none' } })).json
    const job = await ended(jobId)
    expect(job).toMatchObject({ status: 'failed', error: expect.stringContaining('no model none') })
    expect(job.error).not.toContain(world.services.workspace.root)
    expect((await world.call('GET', '/v1/jobs/999', { key: 'viewer' })).status).toBe(404)
  })
})

describe('models', () => {
  test('compared, promoted through the gate or over it, and on record', async () => {
    const names = { champion: 'default@1', challenger: 'default@2' }
    const { jobId } = (await post('/v1/comparisons', 'analyst', names)).json
    const { comparison } = await ended(jobId)
    expect(comparison).toMatchObject(names)
    expect(comparison.findings.map((one: { rule: string }) => one.rule)).toContain('alerts')

    expect((await post('/v1/models/default@1/promotion', 'analyst', {})).status).toBe(403)
    const promote = async (because?: string) =>
      ended((await post('/v1/models/default@1/promotion', 'admin', { because })).json.jobId)
    expect(await promote('an exercise')).toMatchObject({
      kind: 'promote',
      status: 'done',
      promotion: { version: 1, replaced: 2, how: 'forced', because: 'an exercise', who: 'admin' },
    })
    const { json } = await world.call('GET', '/v1/models/default/promotions', { key: 'viewer' })
    expect(json.items).toMatchObject([{ version: 1, how: 'forced' }])
    const { json: models } = await world.call('GET', '/v1/models', { key: 'viewer' })
    expect(models.items.find((one: { isUsed: boolean }) => one.isUsed).model).toBe('default@1')
    expect((await post('/v1/models/none/promotion', 'admin', {})).status).toBe(404)
  })

  test('drift of the week that it scored; none of one that scored nothing', async () => {
    const { json } = await world.call('GET', '/v1/models/default@1/drift', { key: 'viewer' })
    expect(json.found.model).toBe('default@1')
    expect(json.found.columns.length).toBeGreaterThan(50)
    const none = await world.call('GET', '/v1/models/default@2/drift', { key: 'viewer' })
    expect(none.json).toEqual({ found: null, missing: expect.stringContaining('keyhound models drift') })
  })

  test('the newest evaluation of a model alone', async () => {
    const ask = () => world.call('GET', '/v1/models/default@1/evaluation', { key: 'viewer' })
    expect((await ask()).json).toEqual({ found: null, missing: expect.stringContaining('keyhound evaluate') })
    const estimate = { value: 0.5, low: 0.25, high: 0.75 }
    const quality = { averagePrecision: estimate, auroc: estimate, baseRate: 0.1 }
    const report = (createdAt: string, models: string[]) => ({
      formatVersion: 1,
      createdAt,
      models,
      headline: 'risk',
      data: {
        from: '2026-03-10T00:00:00.000Z',
        to: '2026-03-12T00:00:00.000Z',
        days: 2,
        tokenDays: 24,
        positiveTokenDays: 4,
        incidents: 4,
      },
      rankings: [
        {
          name: 'risk',
          title: 'Risk',
          kind: 'keyhound',
          doc: '',
          tokenHours: quality,
          tokenDays: quality,
          budgets: [],
          curve: [{ threshold: 1, precision: 1, recall: 0.5, alerts: 2 }],
        },
      ],
      detectors: [{ name: 'rate', averagePrecision: 0.5, auroc: 0.5, incidentsFound: 1 }],
      notes: [],
    })
    const { root } = world.services.workspace
    const write = (name: string, value: unknown) => {
      mkdirSync(join(root, 'reports', name), { recursive: true })
      writeFileSync(join(root, 'reports', name, 'report.json'), JSON.stringify(value))
    }
    write('old', report('2026-04-01T00:00:00.000Z', ['default@1']))
    write('new', report('2026-04-02T00:00:00.000Z', ['default@1']))
    write('both', report('2026-04-03T00:00:00.000Z', ['default@1', 'default@2']))
    write('other', { nothing: 'of ours' })
    const { json } = await ask()
    expect([json.found.file, json.found.rankings[0].curve]).toEqual([
      'reports/new/report.json',
      [{ precision: 1, recall: 0.5, alerts: 2 }],
    ])
  })
})

describe('performance and runs', () => {
  test('weeks by verdicts; a bound key sees its own tenant’s', async () => {
    const { json: all } = await world.call('GET', '/v1/performance', { key: 'viewer' })
    const { json: acme } = await world.call('GET', '/v1/performance', { key: 'viewer/acme' })
    const { json: globex } = await world.call('GET', '/v1/performance', { key: 'viewer/globex' })
    expect(all.whole.alerts).toBe(acme.whole.alerts + globex.whole.alerts)
    expect(all.filter).toMatchObject({ model: 'default@1', state: 'none' })
    expect(acme.filter).toBeNull()
  })

  test('lag, last runs, rejects by reason', async () => {
    const { json } = await world.call('GET', '/v1/runs/state', { key: 'viewer' })
    const { data } = await world
      .client('viewer')
      .GET('/v1/runs', { params: { query: { command: 'score', limit: 1 } } })
    const { scoredTo } = data!.items[0]!.figures!
    expect(Date.parse(json.scoredTo)).toBe(Date.parse(scoredTo!))
    expect(json.lagSeconds).toBe((dayAt(30).getTime() - Date.parse(scoredTo!)) / 1000)
    const score = json.commands.find((one: { command: string }) => one.command === 'score')
    expect(score).toMatchObject({ done: { command: 'score', status: 'done' }, failed: null })
  })
})

describe('in a process of its own', () => {
  const jobsOf = (): Jobs => createJobs(forkJobs, world.services.clock, world.services.logger)
  const frame = () => ({
    root: world.services.workspace.root,
    stateDatabase: null,
    config: world.services.config,
    actor: 'test',
    owner: 'test',
  })
  const budget = { kind: 'replay' as const, change: { budget: 5 }, from: null, to: null }

  test('the same answer; cancelled, and gone', async () => {
    const jobs = jobsOf()
    const { jobId } = jobs.start(budget, frame())
    while (jobs.find(jobId)!.status === 'running') await new Promise(resolve => setTimeout(resolve, 20))
    const job = jobs.find(jobId)!
    expect(job.error).toBeNull()
    const here = await ended((await post('/v1/replays', 'analyst', { change: { budget: 5 } })).json.jobId)
    expect(job.result!.replay!.after).toEqual(here.replay.after)
    expect(job.progress).toMatchObject({ stage: 'replay', done: job.result!.replay!.days })

    const other = jobs.start(budget, frame())
    await jobs.cancel(other.jobId)
    expect(other).toMatchObject({ status: 'cancelled', result: null, error: null })
    await jobs.close()
    expect(() => jobs.start(budget, frame())).toThrow('stopping')
  })
})

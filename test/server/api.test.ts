import { tableFromArrays, tableToIPC } from 'apache-arrow'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { FEATURES } from '../../src/features/catalogue.ts'
import { readBatch } from '../../src/pipeline/batch.ts'
import { openViews } from '../../src/pipeline/views.ts'
import { ALERT_RISK } from '../../src/risk/calibrate.ts'
import { DETECTOR_NAMES, scoreWindows } from '../../src/scoring.ts'
import { createApp } from '../../src/server/app.ts'
import { PAGE_HEADER } from '../../src/server/cross-site.ts'
import { createMetrics } from '../../src/server/metrics.ts'
import { createRateLimiter } from '../../src/server/rate-limit.ts'
import type { Limits, Services } from '../../src/server/services.ts'
import { listAudit } from '../../src/state/audit.ts'
import { officeCall, takeover } from '../pipeline/office.ts'
import { describeTenants } from './tenants.ts'
import { type ApiWorld, openApiWorld, rowsOf } from './world.ts'

let world: ApiWorld
beforeAll(async () => {
  world = await openApiWorld()
})
afterAll(() => world.close())

const names = FEATURES.map(feature => feature.name)

describe('scoring', () => {
  /** The vectors of one day, as the workspace has them, and what the kernel says of them. */
  async function stored() {
    const { engine, workspace } = world.office.context
    const batch = await readBatch(engine, workspace, ['2026-03-10'])
    const scorer = await world.services.scorers.of()
    return { batch, scored: scoreWindows(scorer.model.detectors, batch) }
  }

  test('vectors as JSON: to the last bit what the kernel says', async () => {
    const { batch, scored } = await stored()
    const { features, use } = batch
    const vectors = Array.from({ length: features.rows }, (_, r) => ({
      features: Object.fromEntries(
        names.map((name, c) => {
          const value = features.data[r * features.cols + c]!
          return [name, Number.isNaN(value) ? null : value]
        }),
      ),
      role: use.group[r]!,
      use: Object.fromEntries(
        Array.from(use.item.slice(use.offsets[r], use.offsets[r + 1]), (item, i) => [
          use.items[item]!,
          Number(use.n[use.offsets[r]! + i]),
        ]),
      ),
    }))
    const client = world.client('scorer')
    const { data, response } = await client.POST('/v1/score/vectors', { body: { vectors, explain: true } })
    expect(response.status).toBe(200)
    expect(data!.results.map(one => one.score)).toEqual([...scored.score])
    expect(data!.results.map(one => one.alertsPerDay)).toEqual([...scored.alertsPerDay])
    expect(data!.results.flatMap(one => DETECTOR_NAMES.map(name => one.detectors[name]))).toEqual([
      ...scored.evidence.data,
    ])
    expect(data!.missing).toEqual([])
    const worst = data!.results.toSorted((a, b) => b.risk - a.risk)[0]!
    expect(worst.reasons!.length).toBeGreaterThan(0)
  })

  test('vectors as Arrow', async () => {
    const { batch } = await stored()
    const alone = (await world.services.scorers.of()).score(batch.features)
    const columns = names.map((name, c) => [
      name,
      Float64Array.from(
        { length: batch.features.rows },
        (_, r) => batch.features.data[r * batch.features.cols + c]!,
      ),
    ])
    const body = tableToIPC(tableFromArrays(Object.fromEntries(columns)))
    const answer = await world.call('POST', '/v1/score/vectors', {
      key: 'scorer',
      body,
      type: 'application/vnd.apache.arrow.stream',
    })
    expect(answer.json.results.map((one: { score: number }) => one.score)).toEqual([...alone.score])
  })

  test('what is wrong with vectors is said, all at once', async () => {
    const ask = (body: unknown) => world.call('POST', '/v1/score/vectors', { key: 'scorer', body })
    const wrong = await ask({ vectors: [{ features: { nonsense: 1, more: 2 } }, { features: {} }] })
    expect(wrong.status).toBe(422)
    expect(wrong.json.errors.map((one: { path: string }) => one.path)).toEqual([
      'vectors.0.features.nonsense',
      'vectors.0.features.more',
      'vectors.1.features',
    ])
    expect((await ask({ vectors: [] })).status).toBe(422)
    expect((await ask('{')).status).toBe(422)
    expect(
      (await world.call('POST', '/v1/score/vectors?model=other', { key: 'scorer', body: {} })).status,
    ).toBe(404)
  })

  test('events: scored, and nothing kept; brought, scored by the batch road, and the same', async () => {
    const events = rowsOf([...takeover(10, 3), officeCall(10, 8, 9, 0)])
    const body = events.map(row => JSON.stringify(row)).join('\n')
    const type = 'application/x-ndjson'
    const scored = await world.call('POST', '/v1/score/events?tokens=identifier', {
      key: 'scorer',
      body,
      type,
    })
    expect(scored.json).toMatchObject({ read: 41, rejected: 0 })
    const hours = scored.json.hours as { tokenId: string; score: number; risk: number; reasons: unknown[] }[]
    expect(hours.map(hour => hour.tokenId)).toEqual(['acme-token-3', 'globex-token-8'])
    expect(hours[0]!.risk).toBeGreaterThan(ALERT_RISK)

    const bring = () => world.call('POST', '/v1/events?tokens=identifier', { key: 'scorer', body, type })
    expect((await bring()).json).toMatchObject({ read: 41, added: 41, duplicates: 0, tokens: 2 })
    expect((await bring()).json).toMatchObject({ read: 41, added: 0, duplicates: 41 })
    const again = await world.call('POST', '/v1/score/events?tokens=identifier', {
      key: 'scorer',
      body,
      type,
    })
    expect(again.json.hours).toEqual(hours)

    const { score } = await import('../../src/pipeline/score.ts')
    await score(world.office.context)
    await openViews(world.office.context.engine, world.office.context.workspace)
    const rows = await world.office.rows<{ token_id: string; score: number; risk: number }>(
      "SELECT token_id, score, risk FROM scores WHERE window_start >= TIMESTAMP '2026-03-12' ORDER BY window_start, tenant_id, token_id",
    )
    expect(rows.map(row => [row.token_id, row.score, row.risk])).toEqual(
      hours.map(hour => [hour.tokenId, hour.score, hour.risk]),
    )
  })

  test('events as JSON and as Parquet; some bad rows are counted, only bad ones refused', async () => {
    const rows = rowsOf([officeCall(11, 1, 9, 0)])
    const ask = (body: unknown, type?: string) =>
      world.call('POST', '/v1/events?tokens=identifier', { key: 'admin', body, ...(type && { type }) })
    expect((await ask([...rows, { ...rows[0], event_id: 'x', time: 'never' }])).json).toMatchObject({
      added: 1,
      rejected: 1,
      rejectsByReason: { 'time: not a timestamp': 1 },
    })
    const none = await ask([{ time: 'never' }])
    expect(none.status).toBe(422)
    expect(none.json.detail).not.toContain(world.office.context.workspace.root)
    expect((await ask('not parquet', 'application/vnd.apache.parquet')).status).toBe(422)
    expect((await ask('', 'application/x-ndjson')).status).toBe(422)
  })
})

describe('triage', () => {
  test('pages of alerts are the list; filters narrow it', async () => {
    const client = world.client('viewer')
    const { data: all } = await client.GET('/v1/alerts', { params: { query: { status: 'all', limit: 500 } } })
    expect(all!.items.length).toBeGreaterThan(3)
    expect(all!.items.map(one => one.risk)).toEqual(all!.items.map(one => one.risk).sort((a, b) => b - a))
    const seen: string[] = []
    let cursor: string | null | undefined
    do {
      const { data } = await client.GET('/v1/alerts', {
        params: { query: { status: 'all', limit: 2, ...(cursor && { cursor }) } },
      })
      seen.push(...data!.items.map(one => one.alertId))
      cursor = data!.next
    } while (cursor)
    expect(seen).toEqual(all!.items.map(one => one.alertId))
    const { data: critical } = await client.GET('/v1/alerts', {
      params: { query: { status: 'all', severity: 'critical', tenantId: 'acme' } },
    })
    for (const one of critical!.items) expect(one).toMatchObject({ severity: 'critical', tenantId: 'acme' })
    const { data: first } = await client.GET('/v1/alerts/{alertId}', {
      params: { path: { alertId: seen[0]! } },
    })
    expect(first).toEqual(all!.items[0])
  })

  test('acknowledge, close with a verdict, reopen; the trail says who', async () => {
    const analyst = world.client('analyst')
    const { data } = await analyst.GET('/v1/alerts', { params: { query: { status: 'open', limit: 1 } } })
    const [alert] = data!.items
    const path = { alertId: alert!.alertId }
    const change = (body: {
      status?: 'new' | 'acknowledged' | 'closed'
      assignee?: string
      verdict?: 'true_positive'
    }) => analyst.PATCH('/v1/alerts/{alertId}', { params: { path }, body })
    expect((await change({ status: 'acknowledged', assignee: 'ann' })).data).toMatchObject({
      status: 'acknowledged',
      assignee: 'ann',
    })
    expect((await change({ status: 'closed' })).error).toMatchObject({ status: 422 })
    const closed = await change({ status: 'closed', verdict: 'true_positive' })
    expect(closed.data).toMatchObject({
      status: 'closed',
      verdict: { verdict: 'true_positive', who: 'analyst' },
    })
    expect((await change({ status: 'new' })).data).toMatchObject({ status: 'new', assignee: 'ann' })
    const { data: verdicts } = await analyst.GET('/v1/verdicts', { params: { query: path } })
    expect(verdicts!.items).toHaveLength(1)
    const trail = await listAudit(world.services.state, { subject: `alert:${path.alertId}` })
    expect(trail.length).toBeGreaterThanOrEqual(3)
    for (const entry of trail) expect(entry.actor).toMatch(/^key:[0-9a-f]{12}$/)
  })

  test('tokens by risk, their history, why; incidents; models and runs', async () => {
    const client = world.client('viewer')
    const { data: tokens } = await client.GET('/v1/tokens', { params: { query: { limit: 3 } } })
    const [worst] = tokens!.items
    expect(worst!.risk).toBeGreaterThan(ALERT_RISK)
    expect(tokens!.next).not.toBeNull()
    const path = { tokenId: worst!.tokenId }
    const { data: history } = await client.GET('/v1/tokens/{tokenId}/history', { params: { path } })
    const hour = history!.items.find(one => one.windowStart === worst!.riskiestHour)!
    expect([hour.risk, hour.severity]).toEqual([worst!.risk, worst!.severity])
    const query = { hour: worst!.riskiestHour }
    const { data: why } = await client.GET('/v1/tokens/{tokenId}/explanation', { params: { path, query } })
    expect(why!.recomputed).toMatchObject({ isExact: true, score: hour.score })
    expect(why!.reasons.length).toBeGreaterThan(0)
    const { data: incidents } = await client.GET('/v1/incidents', { params: { query: { status: 'all' } } })
    expect(incidents!.items.flatMap(one => one.tokens)).toContain(worst!.tokenId)
    const { data: models } = await client.GET('/v1/models')
    expect(models!.items.map(one => one.model)).toEqual(['default@1'])
    const { data: model } = await client.GET('/v1/models/{model}', {
      params: { path: { model: 'default@1' } },
    })
    expect(model!.contentId).toBe(models!.items[0]!.contentId)
    const { data: runs } = await client.GET('/v1/runs')
    expect(runs!.items.map(one => one.command)).toContain('train')
    for (const one of runs!.items)
      expect(one.runId, 'newest first').toBeLessThanOrEqual(runs!.items[0]!.runId)
    const { data: scored } = await client.GET('/v1/runs', {
      params: { query: { command: 'score', limit: 1 } },
    })
    expect(scored!.items).toMatchObject([
      { command: 'score', status: 'done', figures: { model: 'default@1' } },
    ])
    const { data: older } = await client.GET('/v1/runs', {
      params: { query: { command: 'score', limit: 1, cursor: scored!.next! } },
    })
    expect(older!.items[0]!.runId).toBeLessThan(scored!.items[0]!.runId)
  })
})

describe('problems', () => {
  /** The same world under other limits. */
  const under = (limits: Partial<Limits>, more: Partial<Services> = {}) =>
    createApp({ ...world.services, ...more, limits: { ...world.services.limits, ...limits } })
  const headers = () => ({ authorization: `Bearer ${world.keys.admin}` })

  test.each([
    ['GET', '/nowhere', {}, 404],
    ['GET', '/v1/nowhere', {}, 404],
    ['DELETE', '/v1/alerts', {}, 405],
    ['GET', '/v1/alerts?limit=0', {}, 400],
    ['GET', '/v1/alerts?cursor=nonsense', {}, 422],
    ['GET', `/v1/runs?cursor=${Buffer.from('["x"]').toString('base64url')}`, {}, 422],
    ['GET', '/v1/alerts?from=yesterday', {}, 400],
    ['GET', '/v1/alerts/none', {}, 404],
    ['PATCH', '/v1/alerts/none', { body: { verdict: 'maybe' } }, 422],
    ['PATCH', '/v1/alerts/none', { body: '{', type: 'application/json' }, 400],
    ['POST', '/v1/events', { body: 'x', type: 'text/plain' }, 415],
    [
      'POST',
      '/v1/events',
      { body: 'x', type: 'application/x-ndjson', headers: { 'content-encoding': 'gzip' } },
      415,
    ],
    ['POST', '/v1/score/vectors', { body: 'x', type: 'text/plain' }, 415],
    ['PATCH', '/v1/alerts/none', { body: 'status=new', type: 'text/plain' }, 415],
    ['DELETE', '/v1/suppressions/999', {}, 404],
    ['GET', '/v1/models/none', {}, 404],
  ] as const)('%s %s', async (method, path, options, status) => {
    const answer = await world.call(method, path, { key: 'admin', ...options })
    expect(answer.status, answer.text).toBe(status)
    expect(answer.headers.get('content-type')).toBe('application/problem+json')
    expect(answer.json).toMatchObject({
      type: 'about:blank',
      status,
      title: expect.any(String),
      code: expect.any(String),
    })
    expect(answer.json.requestId).toBe(answer.headers.get('x-request-id'))
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
    if (status === 405) expect(answer.headers.get('allow')).toBe('GET')
  })

  test('keys: none, malformed, unknown, of another secret', async () => {
    expect((await world.call('GET', '/v1/alerts')).headers.get('www-authenticate')).toContain('Bearer')
    const other = `${world.keys.admin!.slice(0, -4)}AAAA`
    for (const key of ['nonsense', `kh_0123456789ab_${'x'.repeat(43)}`, other]) {
      expect((await world.call('GET', '/v1/alerts', { key })).status).toBe(401)
    }
  })

  test('too large, by its stated length and without one', async () => {
    const app = under({ bodyBytes: 100, dataBytes: 200 })
    const big = 'x'.repeat(300)
    const send = (path: string, body: string | ReadableStream, type: string, method = 'POST') =>
      app.request(path, {
        method,
        body,
        headers: { ...headers(), 'content-type': type },
        ...(typeof body === 'string' ? {} : { duplex: 'half' }),
      } as RequestInit)
    const stream = () => new Blob([big]).stream()
    expect((await send('/v1/suppressions', big, 'application/json')).status).toBe(413)
    expect((await send('/v1/events', big, 'application/x-ndjson')).status).toBe(413)
    expect((await send('/v1/events', stream(), 'application/x-ndjson')).status).toBe(413)
    expect((await send('/v1/score/vectors', stream(), 'application/json')).status).toBe(413)
    expect((await send('/v1/suppressions', stream(), 'application/json')).status).toBe(413)
  })

  test('too often: 429 with Retry-After, and for that key alone', async () => {
    const app = under({ rate: { burst: 2, perSecond: 0.01 } })
    const ask = (key: string) =>
      app.request('/v1/suppressions', { headers: { authorization: `Bearer ${world.keys[key]}` } })
    const first = await ask('viewer')
    expect(first.headers.get('ratelimit')).toBe('"default";r=1;t=100')
    expect(first.headers.get('ratelimit-policy')).toBe('"default";q=2;w=200')
    await ask('viewer')
    const refused = await ask('viewer')
    expect([refused.status, Number(refused.headers.get('retry-after'))]).toEqual([
      429,
      expect.closeTo(100, -1),
    ])
    expect((await ask('analyst')).status).toBe(200)
    expect((await app.request('/v1/health')).status).toBe(200)
  })

  test('too often without a key: each address for itself, and logins apart', async () => {
    const app = under({ rate: { burst: 2, perSecond: 0.001 } })
    const from = (remoteAddress: string) => ({ incoming: { socket: { remoteAddress } } })
    const ask = async (address: string) => (await app.request('/v1/tokens', {}, from(address))).status
    expect([await ask('203.0.113.1'), await ask('203.0.113.1'), await ask('203.0.113.1')]).toEqual([
      401, 401, 429,
    ])
    expect(await ask('::ffff:203.0.113.1')).toBe(429)
    expect(await ask('203.0.113.2')).toBe(401)
    expect([await ask('2001:db8::1'), await ask('2001:db8::2'), await ask('2001:db8::3')]).toEqual([
      401, 401, 429,
    ])
    const login = await app.request(
      '/v1/session',
      {
        method: 'POST',
        headers: { 'content-type': 'application/json', [PAGE_HEADER]: '1' },
        body: JSON.stringify({ key: world.keys.viewer }),
      },
      from('203.0.113.1'),
    )
    expect(login.status).toBe(200)
  })

  test('wrong keys: an address that sent too many is refused before a key is looked up', async () => {
    const rate = { burst: 3, perSecond: 0.001 }
    let looked = 0
    const verify = async () => {
      looked++
      return null
    }
    const keys = { ...world.services.keys, verify }
    const app = under({ rate }, { keys, wrongKeys: createRateLimiter(rate) })
    const ask = async (address: string) => {
      const env = { incoming: { socket: { remoteAddress: address } } }
      return (await app.request('/v1/tokens', { headers: { authorization: 'Bearer kh_wrong' } }, env)).status
    }
    const statuses = []
    for (let i = 0; i < 5; i++) statuses.push(await ask('203.0.113.9'))
    expect(statuses).toEqual([401, 401, 401, 429, 429])
    expect(looked).toBe(3)
    expect(await ask('203.0.113.10')).toBe(401)
  })

  test('figures name routes, never paths that somebody made up', async () => {
    const app = under({}, { metrics: createMetrics() })
    for (let i = 0; i < 20; i++) {
      await app.request(`/v1/alerts/made-up-${i}`, { headers: headers() })
      await app.request(`/v1/made-up-${i}/${i}`, { headers: headers() })
      await app.request(`/made-up-${i}`)
    }
    const text = await (await app.request('/v1/metrics', { headers: headers() })).text()
    const labels = new Set(
      [...text.matchAll(/http_requests_total\{[^}]*route="([^"]*)"/g)].map(one => one[1]),
    )
    expect(labels).toEqual(new Set(['/v1/alerts/{alertId}', 'none', 'page']))
  })

  test('too long: 504; broken inside: 500, and the log alone says why', async () => {
    const never = { ...world.services.connections, use: () => new Promise<never>(() => {}) }
    const slow = await under({ timeoutMs: 20 }, { connections: never }).request('/v1/tokens', {
      headers: headers(),
    })
    expect(slow.status).toBe(504)
    const broken = { ...world.services.connections, use: () => Promise.reject(new Error('secret detail')) }
    const failed = await under({}, { connections: broken }).request('/v1/tokens', { headers: headers() })
    expect(failed.status).toBe(500)
    expect(await failed.text()).not.toContain('secret detail')
    expect(world.logged.join('')).toContain('secret detail')
    const notReady = await under({}, { connections: broken }).request('/v1/ready')
    expect(notReady.status).toBe(503)
    expect(await notReady.text()).not.toContain('secret detail')
  })

  test('what was logged has no key in it, and says who asked what', () => {
    const log = world.logged.join('')
    for (const key of Object.values(world.keys))
      expect(log).not.toContain(key.slice('kh_0123456789ab_'.length))
    const lines = world.logged.map(line => JSON.parse(line))
    expect(lines.find(line => line.path === '/v1/score/vectors')).toMatchObject({
      method: 'POST',
      role: 'scorer',
      tenant: null,
    })
  })

  test('figures for Prometheus', async () => {
    const { text, headers } = await world.call('GET', '/v1/metrics', { key: 'viewer' })
    expect(headers.get('content-type')).toContain('text/plain')
    expect(text).toMatch(
      /keyhound_http_requests_total\{method="POST",route="\/v1\/score\/events",status="200"\} [1-9]/,
    )
    expect(text).toMatch(/^keyhound_alerts_open\{severity="critical"\} \d/m)
    expect(text).toMatch(/^keyhound_runs\{command="train",status="done"\} 1$/m)
    expect(text).toMatch(/keyhound_events_ingested_total\{outcome="added"\} 42/)
  })
})

// Last, since it judges and suppresses; in this file, since a world takes seconds to make.
describe('tenants', () => describeTenants(() => world))

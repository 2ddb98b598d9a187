import { beforeAll, describe, expect, test } from 'vitest'
import { FEATURES } from '../../src/features/catalogue.ts'
import { ROLES } from '../../src/state/tables.ts'
import { officeCall } from '../pipeline/office.ts'
import { type ApiWorld, type CallOptions, routesOf, rowsOf } from './world.ts'

/** The routes of the app, each with requests by a key that is bound to acme: none may show or change anything of globex. */
export function describeTenants(worldOf: () => ApiWorld): void {
  let world: ApiWorld
  /** Of each tenant, one alert, its token and an hour of it, and a suppression. */
  let known: Record<
    'acme' | 'globex',
    { alertId: string; tokenId: string; hour: string; suppressionId: number }
  >
  /** Every name that only globex's rows have. */
  let foreign: string[]

  beforeAll(async () => {
    world = worldOf()
    const { items } = (await world.call('GET', '/v1/alerts?status=all', { key: 'admin' })).json
    const of = async (tenantId: string) => {
      const alert = items.find((one: { tenantId: string }) => one.tenantId === tenantId)
      expect(alert).toBeDefined()
      const body = { tenantId, operation: `${tenantId} only`, because: `${tenantId} says so` }
      const { json } = await world.call('POST', '/v1/suppressions', { key: 'admin', body })
      const judged = await world.call('POST', `/v1/alerts/${alert.alertId}/verdict`, {
        key: 'admin',
        body: { verdict: 'true_positive', note: `${tenantId} note` },
      })
      expect(judged.status).toBe(201)
      return {
        alertId: alert.alertId,
        tokenId: alert.tokenId,
        hour: alert.firstSeen,
        suppressionId: json.suppressionId,
      }
    }
    known = { acme: await of('acme'), globex: await of('globex') }
    foreign = [
      'globex',
      ...items
        .filter((one: { tenantId: string }) => one.tenantId === 'globex')
        .map((one: { alertId: string }) => one.alertId),
    ]
  })

  interface Case extends CallOptions {
    readonly path: string
    /** @default one that shows acme's rows: 200, 201 or 204 */
    readonly status?: number
    /** What an answer to acme shows, so that an empty one does not pass for a closed one. */
    readonly shows?: string
  }

  const vector = { vectors: [{ features: { [FEATURES[0]!.name]: 1 } }] }
  const own = () => known.acme
  const other = () => known.globex
  const ndjson = (token: number) => ({
    type: 'application/x-ndjson',
    body: rowsOf([officeCall(10, token, 9, 0)])
      .map(row => JSON.stringify(row))
      .join('\n'),
  })

  /** Requests with a key bound to acme. A route that is missing here fails the test below. */
  const CASES: Record<string, () => Case[]> = {
    'GET /v1/health': () => [{ path: '/v1/health' }],
    'GET /v1/ready': () => [{ path: '/v1/ready' }],
    'GET /v1/session': () => [{ path: '/v1/session', shows: 'acme' }],
    'POST /v1/session': () => [
      { path: '/v1/session', body: { key: world.keys['viewer/acme'] }, shows: '"tenantId":"acme"' },
    ],
    'DELETE /v1/session': () => [{ path: '/v1/session' }],
    'GET /v1/changes': () => [{ path: '/v1/changes', shows: 'desk' }],
    'GET /v1/metrics': () => [{ path: '/v1/metrics', status: 403 }],
    'GET /v1/models': () => [{ path: '/v1/models', status: 403 }],
    'GET /v1/models/{model}': () => [{ path: '/v1/models/default', status: 403 }],
    'GET /v1/models/{model}/drift': () => [{ path: '/v1/models/default/drift', status: 403 }],
    'GET /v1/models/{model}/evaluation': () => [{ path: '/v1/models/default/evaluation', status: 403 }],
    'GET /v1/models/{model}/promotions': () => [{ path: '/v1/models/default/promotions', status: 403 }],
    'POST /v1/models/{model}/promotion': () => [
      { path: '/v1/models/default/promotion', body: {}, status: 403 },
    ],
    'POST /v1/replays': () => [{ path: '/v1/replays', body: { change: { budget: 1 } }, status: 403 }],
    'POST /v1/comparisons': () => [
      { path: '/v1/comparisons', body: { champion: 'default', challenger: 'default' }, status: 403 },
    ],
    'GET /v1/jobs': () => [{ path: '/v1/jobs', status: 403 }],
    'GET /v1/jobs/{jobId}': () => [{ path: '/v1/jobs/1', status: 403 }],
    'DELETE /v1/jobs/{jobId}': () => [{ path: '/v1/jobs/1', status: 403 }],
    'POST /v1/replays/{jobId}/application': () => [
      { path: '/v1/replays/1/application', body: {}, status: 403 },
    ],
    'GET /v1/runs/state': () => [{ path: '/v1/runs/state', status: 403 }],
    'GET /v1/performance': () => [{ path: '/v1/performance', shows: '"filter":null' }],
    'GET /v1/runs': () => [{ path: '/v1/runs', status: 403 }],
    'POST /v1/score/vectors': () => [{ path: '/v1/score/vectors', body: vector }],
    'POST /v1/score/events': () => [
      { path: '/v1/score/events?tokens=identifier', ...ndjson(1), shows: 'acme-token-1' },
      { path: '/v1/score/events?tokens=identifier', ...ndjson(7), status: 422 },
    ],
    'POST /v1/events': () => [
      { path: '/v1/events?tokens=identifier', ...ndjson(1), shows: '"added":1' },
      { path: '/v1/events?tokens=identifier', ...ndjson(7), status: 422 },
    ],
    'GET /v1/tokens': () => [
      { path: '/v1/tokens', shows: own().tokenId },
      { path: '/v1/tokens?tenantId=globex', shows: '"items":[]' },
    ],
    'GET /v1/tokens/{tokenId}/history': () => [
      { path: `/v1/tokens/${own().tokenId}/history`, shows: own().tokenId },
      { path: `/v1/tokens/${other().tokenId}/history`, status: 404 },
      { path: `/v1/tokens/${other().tokenId}/history?tenantId=globex`, status: 404 },
    ],
    'GET /v1/tokens/{tokenId}/explanation': () => [
      { path: `/v1/tokens/${own().tokenId}/explanation?hour=${own().hour}`, shows: own().tokenId },
      { path: `/v1/tokens/${other().tokenId}/explanation?hour=${other().hour}`, status: 404 },
      { path: `/v1/tokens/${other().tokenId}/explanation?hour=${other().hour}&tenantId=globex`, status: 404 },
    ],
    'POST /v1/explore': () => [
      { path: '/v1/explore', body: {}, shows: own().tokenId },
      { path: '/v1/explore', body: { values: { tenant: ['none'] } }, shows: '"matching":0' },
    ],
    'GET /v1/tokens/{tokenId}/activity': () => [
      { path: `/v1/tokens/${own().tokenId}/activity`, shows: own().tokenId },
      { path: `/v1/tokens/${other().tokenId}/activity`, status: 404 },
      { path: `/v1/tokens/${other().tokenId}/activity?tenantId=globex`, status: 404 },
    ],
    'GET /v1/tokens/{tokenId}/profile': () => [
      { path: `/v1/tokens/${own().tokenId}/profile`, shows: own().tokenId },
      { path: `/v1/tokens/${other().tokenId}/profile`, status: 404 },
      { path: `/v1/tokens/${other().tokenId}/profile?tenantId=globex`, status: 404 },
    ],
    'GET /v1/tokens/{tokenId}/lineage': () => [
      { path: `/v1/tokens/${own().tokenId}/lineage`, shows: own().tokenId },
      { path: `/v1/tokens/${other().tokenId}/lineage`, status: 404 },
      { path: `/v1/tokens/${other().tokenId}/lineage?tenantId=globex`, status: 404 },
    ],
    'GET /v1/alerts': () => [
      { path: '/v1/alerts?status=all', shows: own().alertId },
      { path: '/v1/alerts?status=all&tenantId=globex', shows: '"items":[]' },
      { path: `/v1/alerts?status=all&tokenId=${other().tokenId}`, shows: '"items":[]' },
    ],
    'GET /v1/alerts/{alertId}': () => [
      { path: `/v1/alerts/${own().alertId}`, shows: own().alertId },
      { path: `/v1/alerts/${other().alertId}`, status: 404 },
    ],
    'GET /v1/alerts/{alertId}/events': () => [
      { path: `/v1/alerts/${own().alertId}/events`, shows: 'acme:' },
      { path: `/v1/alerts/${other().alertId}/events`, status: 404 },
    ],
    'PATCH /v1/alerts/{alertId}': () => [
      { path: `/v1/alerts/${own().alertId}`, body: { assignee: 'ann' }, shows: '"assignee":"ann"' },
      { path: `/v1/alerts/${other().alertId}`, body: { assignee: 'ann' }, status: 404 },
    ],
    'POST /v1/alerts/{alertId}/verdict': () => [
      { path: `/v1/alerts/${own().alertId}/verdict`, body: { verdict: 'duplicate' }, shows: 'duplicate' },
      { path: `/v1/alerts/${other().alertId}/verdict`, body: { verdict: 'duplicate' }, status: 404 },
    ],
    'DELETE /v1/alerts/{alertId}/verdict': () => [
      { path: `/v1/alerts/${other().alertId}/verdict`, status: 404 },
      // The admin of all tenants gave the first verdict, this caller the second: the first counts again, and is not theirs.
      { path: `/v1/alerts/${own().alertId}/verdict`, shows: '"verdict":"true_positive"' },
      { path: `/v1/alerts/${own().alertId}/verdict`, status: 409 },
    ],
    'GET /v1/queue': () => [{ path: '/v1/queue', shows: '"budgetPerDay":null' }],
    'GET /v1/verdicts': () => [
      { path: '/v1/verdicts?history=true', shows: own().alertId },
      { path: `/v1/verdicts?alertId=${other().alertId}`, shows: '"items":[]' },
    ],
    'GET /v1/suppressions': () => [{ path: '/v1/suppressions', shows: 'acme says so' }],
    'POST /v1/suppressions': () => [
      { path: '/v1/suppressions', body: { operation: 'x', because: 'y' }, shows: '"tenantId":"acme"' },
      { path: '/v1/suppressions', body: { operation: 'x', because: 'y', tenantId: 'globex' }, status: 403 },
      { path: '/v1/suppressions', body: { because: 'everything' }, status: 422 },
    ],
    'DELETE /v1/suppressions/{suppressionId}': () => [
      { path: `/v1/suppressions/${other().suppressionId}`, status: 404 },
      { path: `/v1/suppressions/${own().suppressionId}` },
    ],
    'GET /v1/incidents': () => [{ path: '/v1/incidents?status=all', shows: own().alertId }],
  }

  const nameOf = (route: { method: string; path: string }) => `${route.method} ${route.path}`

  test('every route has its requests here', () => {
    expect(routesOf(world.app).map(nameOf).sort()).toEqual(Object.keys(CASES).sort())
  })

  describe.each(Object.keys(CASES))('%s', name => {
    const [method] = name.split(' ') as [string]
    const accessOf = () => routesOf(world.app).find(route => nameOf(route) === name)!.access

    test('answers without a key only where it tells nothing', async () => {
      const { path, body, type } = CASES[name]!()[0]!
      const { status } = await world.call(method, path, { body, ...(type && { type }) })
      expect(status).toBe(accessOf() === undefined ? 200 : 401)
    })

    test('answers the roles that it names, and no others', async () => {
      const access = accessOf()
      const { path, body, type } = CASES[name]!()[0]!
      for (const role of ROLES.filter(one => access !== undefined && !access.roles.includes(one))) {
        const { status } = await world.call(method, path, { key: role, body, ...(type && { type }) })
        expect([role, status]).toEqual([role, 403])
      }
    })

    test('shows and changes nothing of another tenant', async () => {
      for (const { path, status, shows, ...options } of CASES[name]!()) {
        const roles = accessOf()?.roles ?? ROLES
        for (const role of roles.slice(-1)) {
          const answer = await world.call(method, path, { ...options, key: `${role}/acme` })
          expect([path, status === undefined ? answer.status < 300 : answer.status], answer.text).toEqual([
            path,
            status ?? true,
          ])
          if (shows !== undefined) expect(answer.text).toContain(shows)
          // What was asked may be repeated; nothing else of theirs may be there.
          const said = answer.text.replaceAll(path.split('/')[3]?.split('?')[0] ?? '\0', '')
          for (const text of foreign) expect(said, `${path}: ${text}`).not.toContain(text)
        }
      }
    })
  })

  test('what a bound key did, it did to its own tenant', async () => {
    const theirs = await world.call('GET', `/v1/alerts/${known.globex.alertId}`, { key: 'admin' })
    expect(theirs.json).toMatchObject({
      status: 'closed',
      verdict: { verdict: 'true_positive', who: 'admin' },
    })
    const left = await world.call('GET', '/v1/suppressions', { key: 'admin/globex' })
    expect(left.json.items.map((one: { because: string }) => one.because)).toEqual(['globex says so'])
  })
}

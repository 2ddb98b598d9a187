import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createSessions, SESSION_MS } from '../../src/server/sessions.ts'
import { revokeApiKey } from '../../src/state/api-keys.ts'
import { type ApiWorld, openApiWorld } from './world.ts'

describe('sessions', () => {
  const now = new Date('2026-10-05T08:00:00Z')
  const later = (ms: number) => new Date(now.getTime() + ms)

  test('are found by their id until they are over or closed', () => {
    const sessions = createSessions()
    const id = sessions.open('abc', now)
    expect(id).toMatch(/^[\w-]{43}$/)
    expect(sessions.find(id, later(SESSION_MS - 1))).toMatchObject({ keyId: 'abc' })
    expect(sessions.find(id, later(SESSION_MS))).toBeNull()
    expect(sessions.find('other', now)).toBeNull()
    sessions.close(id)
    expect(sessions.find(id, now)).toBeNull()
  })

  test('the oldest go when there are a thousand', () => {
    const sessions = createSessions()
    const ids = Array.from({ length: 1001 }, (_, i) => sessions.open(`key-${i}`, now))
    expect(sessions.find(ids[0]!, now)).toBeNull()
    expect(sessions.find(ids[1]!, now)).not.toBeNull()
    expect(sessions.find(ids[1000]!, now)).not.toBeNull()
  })
})

describe('a session of the page', () => {
  let world: ApiWorld
  beforeAll(async () => {
    world = await openApiWorld()
  })
  afterAll(() => world?.close())

  /** Logs in; the answer is the cookie as the browser sends it back. */
  async function logIn(key: string): Promise<{ cookie: string; attributes: string }> {
    const { status, headers } = await world.call('POST', '/v1/session', { body: { key: world.keys[key] } })
    expect(status).toBe(200)
    const [cookie, ...attributes] = headers.get('set-cookie')!.split('; ')
    return { cookie: cookie!, attributes: attributes.join('; ') }
  }

  test('is a cookie that scripts and other sites do not get, and holds no key', async () => {
    const { cookie, attributes } = await logIn('analyst/acme')
    expect(attributes).toBe(`Max-Age=${SESSION_MS / 1000}; Path=/v1; HttpOnly; SameSite=Strict`)
    expect(cookie).not.toContain('kh_')
    const { json } = await world.call('GET', '/v1/session', { headers: { cookie } })
    expect(json).toMatchObject({ who: { role: 'analyst', tenantId: 'acme' }, isKeyNeeded: true })
    const alerts = await world.call('GET', '/v1/alerts?status=all', { headers: { cookie } })
    expect(new Set(alerts.json.items.map((one: { tenantId: string }) => one.tenantId))).toEqual(
      new Set(['acme']),
    )
  })

  test('behind TLS the cookie never goes over plain HTTP', async () => {
    const { headers } = await world.call('POST', '/v1/session', {
      body: { key: world.keys.viewer },
      headers: { 'x-forwarded-proto': 'https' },
    })
    expect(headers.get('set-cookie')).toContain('Secure')
  })

  test('changes things beside the header of the page alone', async () => {
    const { cookie } = await logIn('analyst')
    const [alert] = (await world.call('GET', '/v1/alerts?status=all', { headers: { cookie } })).json.items
    const note = (headers: Record<string, string>) =>
      world.call('PATCH', `/v1/alerts/${alert.alertId}`, {
        body: { note: 'seen' },
        headers: { cookie, ...headers },
      })
    expect((await note({})).json).toMatchObject({ status: 403, code: 'not-the-page' })
    expect((await note({ 'x-keyhound-page': '1' })).json).toMatchObject({ note: 'seen' })
  })

  test('a key for programs, a wrong one and a malformed one open none', async () => {
    const open = async (key: string) => (await world.call('POST', '/v1/session', { body: { key } })).status
    expect(await open(world.keys.scorer!)).toBe(403)
    expect(await open('kh_000000000000_')).toBe(401)
    expect(await open(`${world.keys.viewer!.slice(0, -1)}x`)).toBe(401)
  })

  test('ends with logout, and with the key that opened it', async () => {
    const { cookie } = await logIn('viewer')
    const ended = await world.call('DELETE', '/v1/session', { headers: { cookie, 'x-keyhound-page': '1' } })
    expect(ended.json.who).toBeNull()
    expect((await world.call('GET', '/v1/alerts', { headers: { cookie } })).status).toBe(401)

    const other = await logIn('viewer/globex')
    const keyId = /^kh_([0-9a-f]+)_/.exec(world.keys['viewer/globex']!)![1]!
    await revokeApiKey(world.services.state, keyId, { actor: 'test', at: new Date() })
    const asked = async () =>
      (await world.call('GET', '/v1/alerts', { headers: { cookie: other.cookie } })).status
    // What is known of keys is kept for two seconds.
    await expect.poll(asked, { timeout: 10_000, interval: 200 }).toBe(401)
  })

  test('the marks of change: the desk differs once somebody did something, the scores do not', async () => {
    const marks = async () => (await world.call('GET', '/v1/changes', { key: 'viewer' })).json
    const before = await marks()
    expect(await marks()).toEqual(before)
    const [alert] = (await world.call('GET', '/v1/alerts?status=all', { key: 'analyst' })).json.items
    await world.call('PATCH', `/v1/alerts/${alert.alertId}`, { key: 'analyst', body: { note: 'again' } })
    await expect.poll(async () => (await marks()).desk, { timeout: 10_000 }).not.toBe(before.desk)
    expect(await marks()).toMatchObject({
      scores: before.scores,
      alerts: before.alerts,
      models: before.models,
    })
  })

  test('the queue: precision from verdicts, Wilson beside it; a judged alert is shown as such at once', async () => {
    const { items } = (await world.call('GET', '/v1/alerts?status=all', { key: 'analyst' })).json
    const alerts = items.filter((one: { shown: string }) => one.shown === 'queue')
    expect(alerts.length).toBeGreaterThan(1)
    const figures = async () => (await world.call('GET', '/v1/queue', { key: 'analyst' })).json
    const before = await figures()
    expect(before).toMatchObject({ day: '2026-03-11', budgetPerDay: 0.5, precision: { value: null } })
    for (const [i, verdict] of ['true_positive', 'benign_trigger'].entries()) {
      const path = `/v1/alerts/${alerts[i].alertId}/verdict`
      expect((await world.call('POST', path, { key: 'analyst', body: { verdict } })).status).toBe(201)
    }
    const after = await figures()
    expect(after.open).toBeLessThan(before.open)
    expect(after.verdicts).toMatchObject({ true_positive: 1, benign_trigger: 1 })
    // Wilson's interval of 1 of 2, by hand: (1 + 3.8415) / (2 + 3.8415) less and more 1.96 sqrt(2 * 0.25 + 0.9604) / 5.8415.
    expect(after.precision.value).toBe(0.5)
    expect(after.precision.low).toBeCloseTo(0.0945, 4)
    expect(after.precision.high).toBeCloseTo(0.9055, 4)
  })

  describe('the story of a token', () => {
    const TOKEN = 'acme-token-4'
    /** Calls of an office token on a day: the same formula as office.ts, by hour. */
    const callsOf = (day: number, token: number) =>
      [9, 11, 16].map(hour => 3 + ((day * 5 + token * 7 + hour) % 6)).reduce((a, b) => a + b)
    const median = (values: number[]) => {
      const sorted = values.toSorted((a, b) => a - b)
      const middle = (sorted.length - 1) / 2
      return (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle)]!) / 2
    }
    const story = async (part: string, key = 'viewer') =>
      (await world.call('GET', `/v1/tokens/${TOKEN}/${part}?tenantId=acme`, { key })).json

    test('its days beside the 28 before and its peers of the day', async () => {
      const { subject, days, hours, usualHours } = await story('activity')
      // Tokens 1, 2 and 5 of the tenant are analysts as well.
      expect(subject).toMatchObject({ tenantId: 'acme', role: 'analyst', peers: 3 })
      const stolen = days[8]
      const own = Array.from({ length: 8 }, (_, day) => callsOf(day, 4))
      expect(stolen).toMatchObject({
        day: '2026-03-10',
        requests: callsOf(8, 4) + 40,
        median: median(own),
        peerMedian: median([1, 2, 5].map(token => callsOf(8, token))),
      })
      expect(stolen.low).toBeLessThanOrEqual(stolen.median)
      // A week must be known.
      expect(days.slice(0, 7).map((day: { low: number | null }) => day.low)).toEqual(Array(7).fill(null))
      const worst = hours.find((hour: { start: string }) => hour.start === '2026-03-10T03:00:00.000Z')
      expect(worst).toMatchObject({ requests: 40, denied: 20 })
      expect(worst.reasons.length).toBeGreaterThan(0)
      // Alerted hours are not taken for usual, and hours without traffic count as none.
      const at = (isWeekend: boolean, hour: number) =>
        usualHours.find(
          (one: { isWeekend: boolean; hour: number }) => one.isWeekend === isWeekend && one.hour === hour,
        )
      expect(at(false, 3)).toMatchObject({ low: 0, median: 0, high: 0 })
      expect(at(false, 9).median).toBeGreaterThanOrEqual(3)
    })

    test('where it is used from, what for, and who else does', async () => {
      const { origins, operations, clock } = await story('profile')
      const of = (facet: string, value: string) =>
        origins.find((one: { facet: string; value: string }) => one.facet === facet && one.value === value)
      expect(of('country', 'US')).toMatchObject({
        requests: 40,
        firstSeen: '2026-03-10T03:00:00.000Z',
        days: [{ day: '2026-03-10', n: 40 }],
        // Token 5 falls to the same thief a day later.
        peers: 1,
      })
      expect(of('country', 'NL').peers).toBe(3)
      expect(of('client', 'curl')).toMatchObject({ requests: 40, peers: 1 })
      // The Netherlands are an hour ahead of UTC in March.
      expect(clock).toEqual({ country: 'NL', offsetHours: 1 })
      const operation = (name: string) =>
        operations.find((one: { operation: string }) => one.operation === name)
      expect(operation('DELETE /admin/users/{id}')).toMatchObject({
        requests: 40,
        days: 1,
        peers: 1,
        clusterShare: 0,
      })
      expect(operation('GET /tasks')).toMatchObject({ peers: 3, clusterShare: 1 })
      expect(operation('GET /tasks').expected).toBeGreaterThan(operation('DELETE /admin/users/{id}').expected)
    })

    test('its lineage: itself, where nothing follows', async () => {
      expect(await story('lineage')).toEqual({ tokens: [TOKEN], links: [] })
    })

    test('events that show its alert are there, oldest first', async () => {
      const { items } = (await world.call('GET', `/v1/alerts?status=all&tokenId=${TOKEN}`, { key: 'viewer' }))
        .json
      const events = (await world.call('GET', `/v1/alerts/${items[0].alertId}/events`, { key: 'viewer' }))
        .json.items
      expect(events.length).toBeGreaterThan(0)
      const times = events.map((event: { time: string }) => event.time)
      expect(times).toEqual(times.toSorted())
      expect(new Set(events.map((event: { sourceIp: string }) => event.sourceIp))).toEqual(
        new Set(['203.0.113.7']),
      )
    })
  })
})

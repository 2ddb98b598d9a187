import { vectorFromArray } from 'apache-arrow'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { score } from '../../src/pipeline/score.ts'
import { train } from '../../src/pipeline/train.ts'
import type { Listening } from '../../src/server/listen.ts'
import { createLogger } from '../../src/server/log.ts'
import { openServer } from '../../src/server/open.ts'
import type { TinyEvent } from '../engine/tiny-world.ts'
import { saying } from '../lib/arrow/saying.ts'
import { linesOf } from '../pipeline/live-office.ts'
import { dayAt, days, type Office, officeCall, openOffice } from '../pipeline/office.ts'

// A real server over a trained workspace, asked by several at once.
let office: Office
let server: Listening
const logged: string[] = []

beforeAll(async () => {
  office = await openOffice(days(0, 9))
  await train(office.context, { until: dayAt(8) })
  await score(office.context, { to: dayAt(9) })
  server = await openServer({
    workspace: office.context.workspace,
    config: office.context.config!,
    logger: createLogger({ write: line => void logged.push(line) }),
    version: '1.2.3',
    clock: () => dayAt(30),
    port: 0,
  })
})
afterAll(async () => {
  await server?.close(0)
  office.world.close()
})

interface Answer {
  readonly status: number
  readonly retryAfter: string | null
  readonly body: string
}

async function post(route: string, events: readonly TinyEvent[]): Promise<Answer> {
  const answer = await fetch(`${server.url}${route}?tokens=identifier`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson' },
    body: linesOf(events),
  })
  const body = await answer.text()
  return { status: answer.status, retryAfter: answer.headers.get('retry-after'), body }
}

const scoring = (token: number) => post('/v1/score/events', [officeCall(10, token, 9, 50)])
const bring = (events: readonly TinyEvent[]) => post('/v1/events', events)

/** Later than what is scored, which knows nothing of it. */
const later = (run: number, n: number): TinyEvent => ({
  ...officeCall(20, n % 12, 9, n),
  event_id: `later-${run}-${n}`,
})

const said = (answers: readonly Answer[]) =>
  `${answers.map(({ status, body }) => `${status} ${body.slice(0, 200)}`).join('\n')}\n${logged.filter(line => line.includes('"err"')).join('\n')}`

/** The ids of the workspace that begin so, with how often each is stored. */
async function stored(beginning: string): Promise<string[]> {
  const rows = await office.context.engine.rows<{ event_id: string }>(
    `SELECT event_id FROM read_parquet('${office.context.workspace.events}/**/*.parquet')
     WHERE starts_with(event_id, '${beginning}') ORDER BY event_id`,
  )
  return rows.map(row => row.event_id)
}

describe('requests at once', () => {
  test.each([8, 16])('%i scorings answer as one alone does', async count => {
    const alone = await scoring(3)
    expect(alone.status, said([alone])).toBe(200)
    expect(JSON.parse(alone.body).hours).toHaveLength(1)
    const answers = await Promise.all(Array.from({ length: count }, () => scoring(3)))
    expect(
      answers.map(answer => answer.status),
      said(answers),
    ).toEqual(new Array(count).fill(200))
    expect(new Set(answers.map(answer => answer.body))).toEqual(new Set([alone.body]))
  })

  test('Arrow that says more rows than it holds is refused, and whoever asks beside it is answered', async () => {
    const bytes = saying(300_000_000, vectorFromArray([1, 2, 3]))
    const type = 'application/vnd.apache.arrow.stream'
    const routes = ['/v1/score/vectors', '/v1/score/events', '/v1/events']
    const answers = await Promise.all([
      ...routes.map(route =>
        fetch(server.url + route, {
          method: 'POST',
          headers: { 'content-type': type },
          body: bytes as Uint8Array<ArrayBuffer>,
        }),
      ),
      fetch(`${server.url}/v1/health`),
    ])
    expect(answers.map(answer => answer.status)).toEqual([422, 422, 422, 200])
    for (const answer of answers.slice(0, 3))
      expect(await answer.text()).toContain('it says 300,000,000 rows but holds bytes for 3')
  })

  test('in any mixture they come out as in some order one after the other', async () => {
    const alone = new Map<number, string>()
    for (const token of [1, 2]) alone.set(token, (await scoring(token)).body)
    let run = 0
    const request = fc.oneof(
      fc.record({ kind: fc.constant('score' as const), token: fc.constantFrom(1, 2) }),
      fc.record({
        kind: fc.constant('bring' as const),
        events: fc.array(fc.nat(9), { minLength: 1, maxLength: 5 }),
      }),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(request, { minLength: 4, maxLength: 8 }), async requests => {
        run++
        const answers = await Promise.all(
          requests.map(one =>
            one.kind === 'score' ? scoring(one.token) : bring(one.events.map(n => later(run, n))),
          ),
        )
        const kept = new Set<number>()
        let added = 0
        requests.forEach((one, i) => {
          const answer = answers[i]!
          if (answer.status !== 200) {
            // Valid input is never at fault: what fails is ours, and may be sent again.
            expect(answer.status, said(answers)).toBe(503)
            expect(Number(answer.retryAfter)).toBeGreaterThan(0)
          } else if (one.kind === 'score') expect(answer.body).toBe(alone.get(one.token))
          else {
            const counts = JSON.parse(answer.body)
            expect(counts.added + counts.duplicates, answer.body).toBe(one.events.length)
            added += counts.added
            for (const n of one.events) kept.add(n)
          }
        })
        const ids = [...kept].map(n => `later-${run}-${n}`).sort()
        expect(await stored(`later-${run}-`)).toEqual(ids)
        expect(added).toBe(ids.length)
      }),
      { numRuns: 5, seed: 15 },
    )
  })
})

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { OwnFeatureError } from '../../src/features/own.ts'
import { KeyhoundError } from '../../src/lib/errors.ts'
import { createGate } from '../../src/server/gate.ts'
import { isLoopback } from '../../src/server/listen.ts'
import { createLogger } from '../../src/server/log.ts'
import { paginate } from '../../src/server/pages.ts'
import { problemOf } from '../../src/server/problem.ts'
import { createRateLimiter, rateHeaders } from '../../src/server/rate-limit.ts'
import { remembering } from '../../src/server/remembering.ts'

test('a failing own feature is for the log alone: its message names a token of any tenant', () => {
  const failed = new OwnFeatureError('features.mjs', 'mine', 'failed: x').at(
    'an hour of token t-1 of tenant other',
  )
  const problem = problemOf(failed)
  expect([problem.status, problem.code]).toEqual([500, 'internal'])
  expect(problem.message).not.toMatch(/t-1|other|features/)
  expect(problemOf(new KeyhoundError('bad-input', 'x.csv: no columns'))).toMatchObject({
    status: 422,
    message: 'x.csv: no columns',
  })
})

describe('the rate of a caller', () => {
  const limit = { burst: 3, perSecond: 2 }

  test('by hand: three at once, then one every half second', () => {
    const { take: ask } = createRateLimiter(limit)
    expect([0, 0, 0].map(at => ask('a', at).remaining)).toEqual([2, 1, 0])
    const refused = ask('a', 0)
    expect(refused).toEqual({ isAllowed: false, remaining: 0, resetSeconds: 1 })
    expect(rateHeaders(limit, refused)).toEqual({
      'ratelimit-policy': '"default";q=3;w=2',
      ratelimit: '"default";r=0;t=1',
      'retry-after': '1',
    })
    expect(ask('a', 499).isAllowed).toBe(false)
    expect(ask('a', 500).isAllowed).toBe(true)
    expect(ask('b', 500)).toEqual({ isAllowed: true, remaining: 2, resetSeconds: 1 })
  })

  test('never more than the burst and the rate, whenever it asks', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(2000), { maxLength: 100 }), waits => {
        const { take: ask } = createRateLimiter(limit)
        let at = 0
        let allowed = 0
        for (const wait of waits) {
          at += wait
          if (ask('a', at).isAllowed) allowed++
        }
        expect(allowed).toBeLessThanOrEqual(limit.burst + (at / 1000) * limit.perSecond + 1e-9)
      }),
    )
  })
})

describe('callers that a limiter remembers', () => {
  test('are 10,000; the one that asked least recently goes first', () => {
    const { take } = createRateLimiter({ burst: 2, perSecond: 0.001 })
    take('first', 0)
    take('second', 0)
    take('first', 0)
    for (let i = 0; i < 9_999; i++) take(`other ${i}`, 0)
    expect(take('first', 0).isAllowed).toBe(false)
    expect(take('second', 0)).toMatchObject({ isAllowed: true, remaining: 1 })
  })

  test('a look counts nothing', () => {
    const { take, peek } = createRateLimiter({ burst: 1, perSecond: 0.001 })
    for (let i = 0; i < 5; i++) expect(peek('a', 0).isAllowed).toBe(true)
    take('a', 0)
    expect(peek('a', 0).isAllowed).toBe(false)
  })
})

describe('pages', () => {
  test('together they are the list, in order, each item once', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.tuple(fc.integer(), fc.string()), { selector: String }),
        fc.integer({ min: 1, max: 7 }),
        (items, limit) => {
          const seen: unknown[] = []
          let cursor: string | undefined
          do {
            const page = paginate(items, item => item, { limit, cursor })
            seen.push(...page.items)
            cursor = page.next ?? undefined
          } while (cursor !== undefined)
          expect(seen).toEqual(items.toSorted((a, b) => a[0] - b[0] || (a[1] < b[1] ? -1 : 1)))
        },
      ),
    )
  })

  test('what comes in between shifts nothing', () => {
    const first = paginate([2, 4, 6], n => [n], { limit: 2 })
    expect(paginate([1, 2, 3, 4, 5, 6], n => [n], { limit: 2, cursor: first.next! }).items).toEqual([5, 6])
    expect(() => paginate([1], n => [n], { limit: 1, cursor: 'nonsense' })).toThrow('not one of ours')
  })
})

test('secrets are not logged, wherever they stand', () => {
  const lines: string[] = []
  const logger = createLogger({ write: line => void lines.push(line) })
  const key = `kh_0123456789ab_${'s'.repeat(43)}`
  logger.info(
    { authorization: `Bearer ${key}`, req: { headers: { authorization: key } }, path: `/x/${key}` },
    `said ${key}`,
  )
  logger.error({ err: new Error(`failed with ${key}`) }, 'failed')
  expect(lines).toHaveLength(2)
  expect(lines.join('')).not.toContain('sss')
  expect(lines[0]).toContain('kh_0123456789ab_[redacted]')
})

describe('a gate', () => {
  /** Work that ends when it is told to. */
  function piece(gate: ReturnType<typeof createGate>, signal?: AbortSignal) {
    let end = () => {}
    const state = { begun: false }
    const ended = new Promise<void>(resolve => {
      end = resolve
    })
    const done = gate(async () => {
      state.begun = true
      await ended
    }, signal)
    return { state, end, done }
  }

  test('lets so many through, in the order of the calls, whatever becomes of them', async () => {
    const gate = createGate(1, 5)
    const seen: number[] = []
    const work = (n: number) => async () => {
      await new Promise(resolve => setImmediate(resolve))
      seen.push(n)
      if (n === 2) throw new Error('two')
      return n
    }
    const all = await Promise.allSettled([1, 2, 3].map(n => gate(work(n))))
    expect(seen).toEqual([1, 2, 3])
    expect(all.map(one => one.status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  })

  test('refuses what would wait too long, and never begins what was given up', async () => {
    const gate = createGate(1, 1)
    const first = piece(gate)
    const leaving = new AbortController()
    const second = piece(gate, leaving.signal)
    await expect(gate(async () => {})).rejects.toMatchObject({ status: 503, headers: { 'retry-after': '2' } })
    leaving.abort()
    await expect(second.done).rejects.toMatchObject({ status: 503 })
    const third = piece(gate)
    first.end()
    await first.done
    third.end()
    await third.done
    expect([second.state.begun, third.state.begun]).toEqual([false, true])
  })
})

test('remembering answers from memory, and not what was thrown', () => {
  let asked = 0
  const ask = remembering(question => {
    asked++
    if (question === 'bad') throw new Error('bad')
    return question.length
  }, 60_000)
  expect([ask('abc'), ask('abc'), asked]).toEqual([3, 3, 1])
  expect(() => ask('bad')).toThrow()
  expect(() => ask('bad')).toThrow()
  expect(asked).toBe(3)
})

test('what only this machine reaches', () => {
  expect(['127.0.0.1', '127.9.9.9', '::1', 'localhost'].map(isLoopback)).toEqual([true, true, true, true])
  expect(['0.0.0.0', '::', '10.0.0.1', 'example.org', '127.0.0.1.example.org'].some(isLoopback)).toBe(false)
})

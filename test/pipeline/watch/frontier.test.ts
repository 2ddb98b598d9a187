import { expect, test } from 'vitest'
import { createFrontier } from '../../../src/pipeline/watch/frontier.ts'

const at = (text: string) => new Date(`2026-03-${text}Z`)
const span = (first: string, last: string) => ({ first: at(first), last: at(last) })

test('a batch scores the hours that it touches, from the whole hour to its last event', () => {
  const frontier = createFrontier(at('05T10:20'))
  expect(frontier.touched(span('05T10:21', '05T11:05'), false)).toEqual({
    from: at('05T10:00'),
    to: at('05T11:05:00.001'),
  })
  frontier.reached(at('05T11:05:00.001'))
  // Late by hours: what came after keeps no old past.
  expect(frontier.touched(span('05T08:30', '05T08:40'), false)).toEqual({
    from: at('05T08:00'),
    to: at('05T11:05:00.001'),
  })
  expect(frontier.isBehind).toBe(false)
})

test('hours between what is scored and the batch are not left out', () => {
  const frontier = createFrontier(at('04T00:00'))
  expect(frontier.touched(span('05T10:21', '05T10:22'), false)).toEqual({
    from: at('04T00:00'),
    to: at('05T10:22:00.001'),
  })
})

test('days older than yesterday wait for a run that catches up', () => {
  const frontier = createFrontier(at('05T10:00'))
  expect(frontier.touched(span('04T00:00', '04T01:00'), false)?.from).toEqual(at('04T00:00'))
  expect(frontier.isBehind).toBe(false)
  expect(frontier.touched(span('01T00:00', '02T00:00'), false)).toBeNull()
  expect(frontier.isBehind).toBe(true)
  frontier.caughtUp()
  expect(frontier.isBehind).toBe(false)
  // Old and new together: the new is scored at once.
  expect(frontier.touched(span('01T00:00', '05T10:30'), false)).toEqual({
    from: at('04T00:00'),
    to: at('05T10:30:00.001'),
  })
  expect(frontier.isBehind).toBe(true)
})

test('what was scored in a hurry is scored again with the next batch that is not, over midnight too', () => {
  const frontier = createFrontier(at('05T22:00'))
  expect(frontier.touched(span('05T22:10', '05T22:20'), true)?.from).toEqual(at('05T22:00'))
  frontier.reached(at('05T22:20:00.001'))
  frontier.touched(span('05T23:58', '05T23:59'), true)
  frontier.reached(at('05T23:59:00.001'))
  // Itself in a hurry, it does not score the day before again.
  expect(frontier.touched(span('06T00:01', '06T00:02'), true)?.from).toEqual(at('05T23:00'))
  frontier.reached(at('06T00:02:00.001'))
  expect(frontier.touched(span('06T00:03', '06T00:04'), true)?.from).toEqual(at('06T00:00'))
  expect(frontier.hurried?.from).toEqual(at('05T22:00'))
  expect(frontier.touched(span('06T00:05', '06T00:06'), false)).toEqual({
    from: at('05T22:00'),
    to: at('06T00:06:00.001'),
  })
  expect(frontier.hurried).toBeNull()
})

import { expect, test } from 'vitest'
import { createFrontier } from '../../../src/pipeline/watch/frontier.ts'

const at = (text: string) => new Date(`2026-03-${text}Z`)
const NOW = at('06T12:00')
const span = (first: string, last: string) => ({ first: at(first), last: at(last) })

test('a batch scores the hours that it touches, from the whole hour to its last event', () => {
  const frontier = createFrontier(at('05T10:20'))
  expect(frontier.touched(span('05T10:21', '05T11:05'), NOW)).toEqual({
    from: at('05T10:00'),
    to: at('05T11:05:00.001'),
  })
  frontier.scored({ from: at('05T11:05:00.001'), to: at('05T11:05:00.001') }, 0)
  // Late by hours: what came after keeps no old past.
  expect(frontier.touched(span('05T08:30', '05T08:40'), NOW)).toEqual({
    from: at('05T08:00'),
    to: at('05T11:05:00.001'),
  })
  expect(frontier.isBehind).toBe(false)
})

test('hours between what is scored and the batch are not left out', () => {
  const frontier = createFrontier(at('04T00:00'))
  expect(frontier.touched(span('05T10:21', '05T10:22'), NOW)).toEqual({
    from: at('04T00:00'),
    to: at('05T10:22:00.001'),
  })
})

test('days older than yesterday wait for a run that catches up', () => {
  const frontier = createFrontier(at('05T10:00'))
  expect(frontier.touched(span('04T00:00', '04T01:00'), NOW)?.from).toEqual(at('04T00:00'))
  expect(frontier.isBehind).toBe(false)
  expect(frontier.touched(span('01T00:00', '02T00:00'), NOW)).toBeNull()
  expect(frontier.isBehind).toBe(true)
  frontier.caughtUp()
  expect(frontier.isBehind).toBe(false)
  // Old and new together: the new is scored at once.
  expect(frontier.touched(span('01T00:00', '05T10:30'), NOW)).toEqual({
    from: at('04T00:00'),
    to: at('05T10:30:00.001'),
  })
  expect(frontier.isBehind).toBe(true)
})

test('evidence that stays due is owed until its day is scored without leaving any', () => {
  const frontier = createFrontier(at('05T22:00'))
  const night = { from: at('05T22:00'), to: at('05T23:59') }
  const morning = { from: at('06T00:00'), to: at('06T00:10') }
  frontier.scored(night, 12)
  expect(frontier.owed).toEqual(night)
  // The next day's batches pay nothing of it.
  frontier.scored(morning, 0)
  expect(frontier.owed).toEqual(night)
  frontier.scored(morning, 3)
  expect(frontier.owed).toEqual({ from: night.from, to: morning.to })
  frontier.scored({ from: night.from, to: morning.to }, 0)
  expect(frontier.owed).toBeNull()
})

test('a stray event of the far future moves nothing; a log that lies there as a whole does', () => {
  const frontier = createFrontier(at('06T11:00'))
  const stray = { first: at('06T11:30'), last: new Date('2038-01-19T03:14:07Z') }
  expect(frontier.touched(stray, NOW)?.to).toEqual(at('07T12:00:00.001'))
  const ahead = { first: new Date('2038-01-19T03:00:00Z'), last: stray.last }
  expect(frontier.touched(ahead, NOW)?.to).toEqual(new Date('2038-01-19T03:14:07.001Z'))
})

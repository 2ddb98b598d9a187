import { afterAll, beforeAll, expect, test } from 'vitest'
import { scopesSql } from '../../src/ingest/normalise.ts'
import { prepareSql } from '../../src/ingest/sql.ts'
import { statusOfErrorSql } from '../../src/ingest/status.ts'
import { type Engine, openEngine } from '../../src/sql/duckdb.ts'

let engine: Engine
beforeAll(async () => {
  engine = await openEngine({ threads: 1 })
  await prepareSql(engine)
})
afterAll(() => engine.close())

const one = async (expression: string, x: string | null) =>
  (await engine.rows(`SELECT ${expression} AS y FROM (SELECT $x::VARCHAR AS x)`, { x }))[0]!.y

const NOON = new Date('2026-10-05T12:00:00Z')
test.each([
  '2026-10-05T12:00:00Z',
  '2026-10-05T14:00:00+02:00',
  '2026-10-05T14:00:00+0200',
  '2026-10-05 12:00:00',
  '2026-10-05 12:00:00 UTC',
  '2026/10/05 12:00:00',
  '05/Oct/2026:05:00:00 -0700',
  'Mon, 05 Oct 2026 12:00:00 GMT',
  '2026-10-05 12:00:00,000',
  '1791201600',
  '1791201600.000',
  '1.7912016e9',
  '1791201600000',
  '1791201600000000',
  '1791201600000000000',
])('%s is noon', async text => {
  expect(await one('kh_moment(x)', text)).toEqual(NOON)
})

test.each([
  'yesterday',
  '',
  '2026-13-05',
  '12',
  '-5',
  'infinity',
  'nan',
  '1e300',
  '0001-01-01',
  '9999-01-01',
  '20261005',
  '{}',
])('"%s" is no moment', async text => {
  expect(await one('kh_moment(x)', text)).toBeNull()
})

test.each([
  ['2026-10-05T12:00:00Z', NOON],
  [' 2026-10-05T12:00:00Z ', NOON],
  ['\t1791201600\r', NOON],
  ['9999-01-01T00:00:00Z', null],
  ['AZ', null],
  [' - ', null],
  [null, null],
])('moment %j as the log has it', async (text, expected) => {
  expect(await one('kh_when(x)', text)).toEqual(expected)
})

test('fractions survive to the millisecond', async () => {
  expect(await one('kh_moment(x)', '2026-10-05T12:00:00.123Z')).toEqual(new Date('2026-10-05T12:00:00.123Z'))
  expect(await one('kh_moment(x)', '1791201600.123')).toEqual(new Date('2026-10-05T12:00:00.123Z'))
})

test.each([
  ['', null],
  ['-', null],
  [' - ', null],
  ['null', null],
  ['NaN', null],
  ['NA', 'NA'],
  ['  None', null],
  ['undefined', null],
  ['unknown', 'unknown'],
  ['\ta \r', 'a'],
  ['0', '0'],
  [null, null],
])('text %j', async (text, expected) => {
  expect(await one('kh_text(x)', text)).toBe(expected)
})

test.each([
  ['200', 200],
  ['1e3', 1000],
  [' 7\r', 7],
  ['', null],
  ['inf', null],
  ['abc', null],
])('number %s', async (text, expected) => {
  expect(await one('kh_number(x)', text)).toBe(expected)
})

test.each([
  ['b a  b', 'a b'],
  ['["read","write"]', 'read write'],
  ['x,y;z', 'x y z'],
  [' ', null],
])('scopes %s', async (text, expected) => {
  expect(await one(scopesSql('x'), text)).toBe(expected)
})

test.each([
  [null, '200'],
  ['AccessDenied', '403'],
  ['Client.UnauthorizedOperation', '403'],
  ['NoSuchBucket', '404'],
  ['ResourceNotFoundException', '404'],
  ['ThrottlingException', '429'],
  ['InternalError', '500'],
  ['ValidationError', '400'],
])('status of error %s', async (error, expected) => {
  expect(await one(statusOfErrorSql('x'), error)).toBe(expected)
})

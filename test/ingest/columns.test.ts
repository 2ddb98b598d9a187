import { expect, test } from 'vitest'
import {
  ALIASES,
  listNames,
  matchColumns,
  nearestName,
  ruleOfName,
  snakeCase,
} from '../../src/ingest/columns.ts'
import { latencyUnit } from '../../src/ingest/latency-unit.ts'
import type { EventColumn } from '../../src/schema/event.ts'

const columns = (...names: string[]) => names.map(name => ({ name, type: 'VARCHAR' }))
const matched = (...names: string[]) =>
  Object.fromEntries(
    [...matchColumns(columns(...names), ALIASES)].map(([wanted, column]) => [wanted, column.name]),
  )

test.each([
  ['sourceIPAddress', 'source_ip_address'],
  ['user.id', 'user_id'],
  ['@timestamp', 'timestamp'],
  ['User-Agent', 'user_agent'],
  ['HTTPMethod', 'http_method'],
])('%s', (name, expected) => {
  expect(snakeCase(name)).toBe(expected)
})

test('the columns of the usual log, of ECS, and of nginx in JSON are found', () => {
  expect(
    matched(
      'time',
      'token_id',
      'user_id',
      'tenant_id',
      'method',
      'path',
      'operation',
      'required_scope',
      'status',
      'source_ip',
      'asn',
      'country',
      'user_agent',
      'request_bytes',
      'response_bytes',
      'latency_ms',
      'event_id',
    ),
  ).toMatchObject({
    principal_id: 'user_id',
    required_scope: 'required_scope',
    latency_ms: 'latency_ms',
    event_id: 'event_id',
  })
  expect(
    matched(
      '@timestamp',
      'user.id',
      'source.ip',
      'http.request.method',
      'url.path',
      'http.response.status_code',
      'user_agent.original',
    ),
  ).toEqual({
    time: '@timestamp',
    principal_id: 'user.id',
    source_ip: 'source.ip',
    method: 'http.request.method',
    path: 'url.path',
    status: 'http.response.status_code',
    user_agent: 'user_agent.original',
  })
  expect(
    matched(
      'time_iso8601',
      'http_authorization',
      'remote_addr',
      'request',
      'status',
      'body_bytes_sent',
      'request_time',
    ),
  ).toMatchObject({
    time: 'time_iso8601',
    token_id: 'http_authorization',
    source_ip: 'remote_addr',
    path: 'request',
    response_bytes: 'body_bytes_sent',
    latency_ms: 'request_time',
  })
})

test('a column is used once, the best alias wins, and a session stands in for a token only where there is none', () => {
  expect(matched('ts', 'token', 'token_id', 'session_id')).toEqual({
    time: 'ts',
    token_id: 'token_id',
    session_id: 'session_id',
  })
  expect(matched('ts', 'session_id')).toEqual({ time: 'ts', token_id: 'session_id' })
})

test('names in messages are no values', () => {
  expect(listNames(columns('time', 'ghp_abcdefghijklmnopqrstuvwxyz0123456789', '2026-10-05', 'a b'))).toBe(
    'time, a b',
  )
  expect(listNames(columns('1'))).toBe('no names that could be columns')
})

test.each([
  ['latency_ms', 1],
  ['duration', 1],
  ['duration_seconds', 1000],
  ['request_time', 1000],
  ['durationUs', 0.001],
  ['latency_ns', 0.000001],
])('%s is in %d ms', (name, factor) => {
  expect(latencyUnit(name, []).factor).toBe(factor)
})

test.each([
  ['duration', ['103486771', '90000000'], 0.000001],
  ['Duration', ['103000', '250000', '90000'], 0.001],
  ['duration', ['103', '2000'], 1],
  ['RequestTime', ['103', '90', '250'], 1],
  ['request_time', ['0.103', '0.250', '12.001'], 1000],
  ['elapsed (s)', ['103'], 1000],
])('%s of %j is in %d ms', (name, sample, factor) => {
  expect(latencyUnit(name, sample).factor).toBe(factor)
})

test('a name that is not there has the nearest one, if any is near', () => {
  const columns = ['requestReceivedTimestamp', 'verb'].map(name => ({ name, type: 'VARCHAR' }))
  expect(nearestName('requestReceivedTimestmp', columns)).toBe('requestReceivedTimestamp')
  expect(nearestName('userAgent', columns)).toBeNull()
})

test.each([
  ['source_ip', 'sourceIp', 'own name'],
  ['source_ip', 'remote_addr', 'known name'],
  ['source_ip', 'clientip', 'similar name'],
  ['time', 'created (UTC)', 'similar name'],
  ['status', 'httpRequest.status', 'last member'],
  ['user_agent', 'a.b.userAgent', 'last member'],
  // The last member is known of another column only, and the first one counts for nothing.
  ['status', 'httpRequest.method', null],
  ['status', 'status.text', null],
  ['method', 'request', null],
] as const)('%s from %s: %s', (wanted, name, rule) => {
  expect(ruleOfName(wanted, name)).toBe(rule)
})

test('whatever is matched by its name has a rule that says why', () => {
  const names = [
    '@timestamp',
    'Api-Key',
    'req.url',
    'properties.method',
    'DownstreamStatus',
    'Took (ms)',
    'client.ip',
  ]
  const found = matchColumns(columns(...names), ALIASES)
  expect(found.size).toBe(names.length)
  for (const [wanted, { name }] of found) expect(ruleOfName(wanted as EventColumn, name), name).not.toBe(null)
})

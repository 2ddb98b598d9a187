import fc from 'fast-check'
import { expect, test } from 'vitest'
import { barePath, learnPrefixes, splitPath } from '../../src/ingest/paths.ts'

const NONE: ReadonlySet<string> = new Set()
const template = (path: string) => splitPath(path, NONE).template

test.each([
  ['/v2/tasks/123', '/v2/tasks/{id}', 'tasks', '123'],
  ['/v2/tasks', '/v2/tasks', 'tasks', null],
  [
    '/api/v1/users/8f14e45f-ceea-4a7e-9c3a-0242ac120002/orders',
    '/api/v1/users/{id}/orders',
    'users',
    '8f14e45f-ceea-4a7e-9c3a-0242ac120002',
  ],
  ['/users/5/orders/77', '/users/{id}/orders/{id}', 'orders', '77'],
  [
    '/commits/9fceb02d0ae598e95dc970b74767f19372d61af8',
    '/commits/{id}',
    'commits',
    '9fceb02d0ae598e95dc970b74767f19372d61af8',
  ],
  ['/customers/cus_9s6XKzkNRiz8i3', '/customers/{id}', 'customers', 'cus_9s6XKzkNRiz8i3'],
  ['/browse/TASK-123', '/browse/{id}', 'browse', 'TASK-123'],
  ['/orders/order1456', '/orders/{id}', 'orders', 'order1456'],
  ['/reports/2026-10-05', '/reports/{id}', 'reports', '2026-10-05'],
  ['/people/ann%40example.org', '/people/{id}', 'people', 'ann@example.org'],
  ['/images/12345.png', '/images/{id}.png', 'images', '12345.png'],
  ['/tasks/{taskId}/notes', '/tasks/{id}/notes', 'tasks', null],
  ['/hash/sha256/base64', '/hash/sha256/base64', 'hash', null],
  ['/oauth2/token', '/oauth2/token', 'oauth2', null],
  ['/index.php', '/index.php', 'index.php', null],
  ['/', '/', null, null],
  ['/hook/ghp_abcdefghijklmnopqrstuvwxyz0123456789', '/hook/{secret}', 'hook', null],
])('%s', (path, expected, type, id) => {
  expect(splitPath(path, NONE)).toMatchObject({ template: expected, resourceType: type, resourceId: id })
})

const segment = fc.oneof(
  fc.constantFrom('v1', 'api', 'users', 'tasks', 'a.b', '', '{id}', ':id', 'sha256', '%zz', '%2F', 'x-1'),
  fc.nat().map(String),
  fc.uuid(),
  fc.string({ maxLength: 12 }).filter(text => !text.includes('/')),
)
const path = fc.array(segment, { maxLength: 6 }).map(parts => `/${parts.join('/')}`)

test('a template is its own template, with and without learned prefixes', () => {
  fc.assert(
    fc.property(path, fc.array(path), (one, prefixes) => {
      const learned = new Set(prefixes.map(template))
      const first = splitPath(one, learned).template
      expect(splitPath(first, learned).template).toBe(first)
      expect(first.split('/')).toHaveLength(one.split('/').length)
    }),
  )
})

test('many rare words below one segment are ids; few words, busy words and the first segment are not', () => {
  const names = Array.from(
    { length: 40 },
    (_, i) =>
      `name${String.fromCharCode(97 + (i % 26))}${'xyz'[i % 3]}${'q'.repeat(i % 7)}${'k'.repeat(i >> 3)}`,
  )
  const distinct = [...new Set(names)]
  const below = (prefix: string) => distinct.map(name => `${prefix}/${name}`)
  const rare = distinct.map(() => 2)
  const busy = distinct.map(() => 500)
  expect([...learnPrefixes(below('/users'), rare, NONE)]).toEqual(['/users'])
  expect([...learnPrefixes(below('/users'), busy, NONE)]).toEqual([])
  expect([...learnPrefixes(below(''), rare, NONE)]).toEqual([])
  expect([...learnPrefixes(below('/users').slice(0, 20), rare, NONE)]).toEqual([])
  expect([...learnPrefixes([], [], new Set(['/kept']))]).toEqual(['/kept'])
  expect(splitPath('/users/alice/keys', new Set(['/users']))).toMatchObject({
    template: '/users/{id}/keys',
    resourceType: 'users',
    resourceId: 'alice',
  })
})

test.each([
  ['GET /a/b HTTP/1.1', '/a/b'],
  ['https://host:8443/a/b', '/a/b'],
  ['https://host', '/'],
  ['/a', '/a'],
])('the path of %s', (text, expected) => {
  expect(barePath(text)).toBe(expected)
})

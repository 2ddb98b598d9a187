import { expect, test } from 'vitest'
import { createRandom } from '../../src/lib/random.ts'
import { clientNamed, userAgentOf } from '../../src/simulate/clients.ts'
import { activityAt } from '../../src/simulate/habits.ts'
import { unit } from '../../src/simulate/hash.ts'
import { HOUR, type Step, type World } from '../../src/simulate/model.ts'
import { ALL_COUNTRIES, createAddressBook, RENTED } from '../../src/simulate/networks.ts'
import { objectId, ownedObjects, workingObject } from '../../src/simulate/objects.ts'
import { OPERATIONS, operationNamed, RESOURCES } from '../../src/simulate/operations.ts'
import { flow, RELEASE_FLOWS, ROLES, roleNamed } from '../../src/simulate/roles.ts'
import { planVolumes } from '../../src/simulate/volumes.ts'
import { createWorkflow } from '../../src/simulate/workflow.ts'
import { createWorld, tokenAt } from '../../src/simulate/world.ts'

const START = Date.UTC(2026, 8, 1)
const makeWorld = (tokens = 200): World =>
  createWorld(createRandom(3), { tokens, days: 28, seed: 3, start: START })
const world = makeWorld()

test('hashes fill the unit interval evenly', () => {
  const bins = new Float64Array(10)
  for (let i = 0; i < 10_000; i++) bins[Math.floor(unit(7, i) * 10)]!++
  // Binomial(10000, 0.1): five standard deviations are 150.
  for (const count of bins) expect(Math.abs(count - 1000)).toBeLessThan(150)
})

test('the catalogue names each operation once, over a dozen kinds of objects, sensitive ones among them', () => {
  expect(new Set(OPERATIONS.map(o => o.name)).size).toBe(OPERATIONS.length)
  expect(OPERATIONS.length).toBeGreaterThanOrEqual(100)
  expect(RESOURCES.length).toBeGreaterThanOrEqual(12)
  expect(OPERATIONS.filter(o => o.sensitive).length).toBeGreaterThan(30)
  for (const operation of OPERATIONS)
    expect(operation.object >= 0, operation.name).toBe(operation.template.includes('{id}'))
  expect(operationNamed('tasks.update')).toMatchObject({
    method: 'PATCH',
    template: '/v2/tasks/{id}',
    scope: 'tasks:write',
  })
  expect(() => operationNamed('tasks.fly')).toThrow('tasks.fly')
})

test('a workflow is read from its text', () => {
  const read = flow(2, 'tasks.list tasks.get*3 tasks.update?.4 comments.create?')
  expect(read.weight).toBe(2)
  expect(read.steps.map(s => [s.operation.name, s.repeat, s.chance])).toEqual([
    ['tasks.list', 1, 1],
    ['tasks.get', 3, 1],
    ['tasks.update', 1, 0.4],
    ['comments.create', 1, 0.5],
  ])
  expect(() => flow(1, 'tasks.get**')).toThrow('tasks.get**')
})

test('roles have shares that sum to one, and releases are for roles that exist', () => {
  expect(ROLES.reduce((sum, role) => sum + role.share, 0)).toBeCloseTo(1, 10)
  for (const name of Object.keys(RELEASE_FLOWS)) expect(roleNamed(name).name).toBe(name)
})

test('object ids of a tenant rise, and those of several tenants interleave', () => {
  const [first, second] = world.tenants
  const ids = Array.from({ length: 200 }, (_, n) => objectId(first!, 0, n))
  expect(ids).toEqual([...ids].sort((a, b) => a - b))
  expect(ids[0]).toBeGreaterThanOrEqual(10_000)
  const other = objectId(second!, 0, Math.floor(ownedObjects(second!, 0, 0) / 2))
  expect(other).toBeLessThan(objectId(first!, 0, ownedObjects(first!, 0, 0) - 1))
})

test('a working set is mostly the same tomorrow and mostly another in two months', () => {
  const actor = world.actors[0]!
  const set = (day: number) => {
    const random = createRandom(day)
    return new Set(Array.from({ length: 2000 }, () => workingObject(actor, 0, day, random)))
  }
  const shared = (a: Set<number>, b: Set<number>) => [...a].filter(id => b.has(id)).length / a.size
  expect(shared(set(0), set(1))).toBeGreaterThan(0.85)
  expect(shared(set(0), set(60))).toBeLessThan(0.2)
})

test('addresses are well formed, the same request gives the same code, and networks hardly overlap', () => {
  const book = createAddressBook()
  const network = RENTED[0]!
  expect(book.v4(network, 3, 7)).toBe(book.v4(network, 3, 7))
  expect(book.texts[0]).toMatch(/^\d{1,3}(\.\d{1,3}){3}$/)
  const six = book.v6(network, 5, 9)
  expect(book.texts[six]).toMatch(/^2a0[0-7](:[0-9a-f]{1,4}){7}$/)
  expect(book.asns[six]).toBe(network.asn)
  const networks = ALL_COUNTRIES.flatMap(c => [...c.residential, ...c.mobile, ...c.business])
  const prefixes = networks.map(n => book.texts[book.v4(n, 0, 0)]!.split('.').slice(0, 2).join('.'))
  expect(new Set(prefixes).size).toBeGreaterThan(0.8 * networks.length)
})

test('clients take up new versions with time, pinned ones never', () => {
  const chrome = { family: clientNamed('chrome'), seed: 5, pinned: false }
  const version = (day: number) => Number(/Chrome\/(\d+)/.exec(userAgentOf(chrome, day))![1])
  for (let day = 1; day < 120; day++) expect(version(day)).toBeGreaterThanOrEqual(version(day - 1))
  expect(version(120) - version(0)).toBeGreaterThanOrEqual(3)
  expect(userAgentOf({ ...chrome, pinned: true }, 300)).toBe(userAgentOf({ ...chrome, pinned: true }, 0))
})

test('people work by day in their own time zone, and little at weekends', () => {
  const person = world.actors.find(actor => actor.role.rhythm === 'human' && actor.weekend < 0.06)!
  // 2026-09-01 is a Tuesday, 2026-09-05 a Saturday.
  const local = (day: number, hour: number) => START + (day * 24 + hour - person.offset) * HOUR
  const middle = person.workStart + 0.28 * (person.workEnd - person.workStart)
  expect(activityAt(person, local(0, middle))).toBeGreaterThan(20 * activityAt(person, local(0, 3)))
  expect(activityAt(person, local(0, middle))).toBeGreaterThan(10 * activityAt(person, local(4, middle)))
  // Eight hours west, the same habit comes eight hours later.
  expect(activityAt(person, local(0, middle + 8), -8)).toBeCloseTo(activityAt(person, local(0, middle)), 6)
})

test('planned volumes sum to what was asked, are uneven across tokens, and differ from day to day', () => {
  const volumes = planVolumes(
    world,
    world.actors.map(() => []),
    50_000,
  )
  const totals = world.actors.map(actor => {
    let sum = 0
    for (let day = 0; day < 28; day++) sum += volumes.at(actor, day)
    return sum
  })
  const total = totals.reduce((a, b) => a + b, 0)
  expect(total).toBeCloseTo(50_000, 3)
  const top = totals
    .sort((a, b) => b - a)
    .slice(0, Math.ceil(totals.length / 10))
    .reduce((a, b) => a + b, 0)
  expect(top / total).toBeGreaterThan(0.4)
})

test('a larger world begins like a smaller one', () => {
  const small = makeWorld(40)
  const big = makeWorld(41)
  // The last actor may have had to do with fewer tokens.
  for (let i = 0; i < small.actors.length - 1; i++) {
    expect(big.actors[i]!.userId).toBe(small.actors[i]!.userId)
    expect(big.actors[i]!.weight).toBe(small.actors[i]!.weight)
  }
})

test('some actors have several tokens, one valid at each moment; some users several clients', () => {
  const rotated = world.actors.find(actor => actor.tokens.length > 1)!
  const [first, second] = rotated.tokens
  expect(first!.until).toBe(second!.from)
  expect(tokenAt(rotated, second!.from - 1)).toBe(first)
  expect(tokenAt(rotated, second!.from)).toBe(second)
  expect(new Set(world.actors.map(actor => actor.userId)).size).toBeLessThan(world.actors.length)
})

test('bigrams of operations mean something: a list is followed by a get far more often than chance has it', () => {
  const actor = world.actors.find(a => a.role.name === 'support' && a.flows.length >= 4)!
  const workflow = createWorkflow(actor, 0)
  const random = createRandom(9)
  const step: Step = { operation: 0, object: 0, status: 0, heavy: 1 }
  const pairs = new Map<string, number>()
  const singles = new Map<string, number>()
  let before = ''
  for (let i = 0; i < 5000; i++) {
    if (i % 20 === 0) workflow.begin()
    workflow.next(step, random)
    const name = OPERATIONS[step.operation]!.name
    expect(actor.allowed[step.operation]).toBe(1)
    pairs.set(`${before} ${name}`, (pairs.get(`${before} ${name}`) ?? 0) + 1)
    singles.set(name, (singles.get(name) ?? 0) + 1)
    before = name
  }
  const list = actor.flows
    .flatMap(f => f.steps)
    .find(s => s.operation.kind === 'list' && s.operation.object < 0)!
  const get = list.operation.name.replace('.list', '.get')
  const conditional = pairs.get(`${list.operation.name} ${get}`)! / singles.get(list.operation.name)!
  expect(conditional).toBeGreaterThan(2 * (singles.get(get)! / 5000))
})

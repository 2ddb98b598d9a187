import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildFeatures } from '../../src/engine/build-features.ts'
import type { Rulings } from '../../src/engine/rulings.ts'
import { staleFeatureDays } from '../../src/engine/stamps.ts'
import { workspaceKey } from '../../src/ingest/identity.ts'
import { type Artefact, decodeArtefact, encodeArtefact } from '../../src/lib/artefact.ts'
import { createRandom } from '../../src/lib/random.ts'
import { type Engine, openEngine } from '../../src/sql/duckdb.ts'
import { openWorkspace, type Workspace } from '../../src/sql/workspace.ts'
import { addEvents, DAY_MS, HOUR_MS, momentOf, openTinyWorld, type TinyEvent } from './tiny-world.ts'

const FIRST = momentOf('2026-03-02')
const day = (n: number) => new Date(FIRST + n * DAY_MS).toISOString().slice(0, 10)

/** Two tenants of three tokens with habits, something new each day, and a country: all kinds of things that get a number. */
function eventsOf(n: number): TinyEvent[] {
  return [0, 1, 2, 3, 4, 5].flatMap(token =>
    [9, 10, 14].flatMap(hour =>
      Array.from({ length: 2 + ((n + token + hour) % 3) }, (_, i) => ({
        event_id: `${n}-${token}-${hour}-${i}`,
        time: FIRST + n * DAY_MS + hour * HOUR_MS + i * 60_000 + token * 1000,
        token_id: `token-${token}`,
        tenant_id: token < 3 ? 'north' : 'south',
        role: 'reader',
        operation: `op-${(n * token + i) % 5}`,
        resource_type: 'task',
        resource_id: `${n}-${i}`,
        country: n % 2 === 0 ? 'NL' : 'US',
        status: 200,
      })),
    ),
  )
}

const folders: string[] = []
/** A folder that goes when the tests do. */
function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'keyhound-history-'))
  folders.push(folder)
  return folder
}
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

function copyOf(root: string): string {
  const copy = newFolder()
  cpSync(root, copy, { recursive: true })
  return copy
}

interface Made {
  readonly days: string[]
  /** The first day that was made again for lack of history; undefined where it was there. */
  readonly rebuiltFrom: string | undefined
}

async function build(engine: Engine, workspace: Workspace, rulings: Rulings = {}): Promise<Made> {
  const days: string[] = []
  let rebuiltFrom: string | undefined
  await buildFeatures(engine, workspace, staleFeatureDays(workspace, rulings), {
    key: workspaceKey(workspace),
    rulings,
    onDay: one => days.push(one),
    onRebuild: first => {
      rebuiltFrom = first
    },
  })
  return { days, rebuiltFrom }
}

/** As a new process: what is known is what is on disk. */
async function resume(root: string, events: readonly TinyEvent[] = []): Promise<Made> {
  const engine = await openEngine({ threads: 1 })
  const workspace = openWorkspace(root)
  try {
    await addEvents({ engine, workspace }, events)
    return await build(engine, workspace)
  } finally {
    engine.close()
  }
}

/** Every file that is made of events, as bytes. */
function madeFiles(root: string): Map<string, string> {
  const data = join(root, 'data')
  const paths = readdirSync(data, { recursive: true, encoding: 'utf8' })
    .filter(path => !path.startsWith('events') && statSync(join(data, path)).isFile())
    .sort()
  return new Map(paths.map(path => [path, readFileSync(join(data, path)).toString('base64')]))
}

/** A workspace whose days 0 to 3 are made, and the files of one in which day 4 was made upon them. */
let base: string
let undisturbed: Map<string, string>
beforeAll(async () => {
  const world = await openTinyWorld()
  folders.push(world.workspace.root)
  for (let n = 0; n < 4; n++) await addEvents(world, eventsOf(n))
  await build(world.engine, world.workspace)
  world.engine.close()
  base = world.workspace.root
  const whole = copyOf(base)
  expect(await resume(whole, eventsOf(4))).toEqual({ days: [day(4)], rebuiltFrom: undefined })
  undisturbed = madeFiles(whole)
})

const random = createRandom(3)
const place = (length: number) => Math.floor(random.next() * length)

/** What may have happened to a file; `other` is the file of its kind of the day before. Null: it is gone. */
type Damage = (bytes: Buffer, other: Buffer) => Uint8Array | null
const DAMAGES: readonly (readonly [string, Damage])[] = [
  ['is missing', () => null],
  ['is empty', () => new Uint8Array(0)],
  ['is cut off somewhere', bytes => bytes.subarray(0, place(bytes.length))],
  ['has a flipped bit somewhere', flipped],
  ['is of another day', (_, other) => other],
  ['is of another version', bytes => altered(bytes, one => ({ ...one, version: one.version + 1 }))],
  [
    'is of another past',
    bytes => altered(bytes, one => ({ ...one, header: { ...one.header, stamp: 'another' } })),
  ],
]

function flipped(bytes: Buffer): Uint8Array {
  const changed = Buffer.from(bytes)
  changed[place(changed.length)]! ^= 1 << place(8)
  return changed
}

/** Sound in itself, but not what it should be. */
function altered(bytes: Buffer, change: (artefact: Artefact) => Artefact): Uint8Array {
  const kind = bytes.includes('"history-ids"') ? 'history-ids' : 'history-record'
  return encodeArtefact(change(decodeArtefact(bytes, { kind, version: 1 })))
}

const DAMAGED = 2
describe.each(['ids.bin', 'record.bin'])('when %s of a day', name => {
  test.each(DAMAGES)('%s, all is made again from the events, to the last bit', async (_, damage) => {
    const root = copyOf(base)
    const { history } = openWorkspace(root)
    const fileOf = (n: number) => join(history, `date=${day(n)}`, name)
    const bytes = damage(readFileSync(fileOf(DAMAGED)), readFileSync(fileOf(DAMAGED - 1)))
    if (bytes === null) rmSync(fileOf(DAMAGED))
    else writeFileSync(fileOf(DAMAGED), bytes)
    const made = await resume(root, eventsOf(4))
    expect(made).toEqual({ days: [0, 1, 2, 3, 4].map(day), rebuiltFrom: day(0) })
    expect(madeFiles(root)).toEqual(undisturbed)
  })
})

test('a history made under another key is made again, as if the key had always been this', async () => {
  const [root, fresh] = [copyOf(base), copyOf(base)]
  const key = Buffer.alloc(32, 'other').toString('base64url')
  for (const one of [root, fresh]) writeFileSync(openWorkspace(one).keyFile, key)
  for (const made of ['activity', 'features']) rmSync(join(fresh, 'data', made), { recursive: true })
  expect(await resume(root, eventsOf(4))).toMatchObject({ rebuiltFrom: day(0) })
  expect(await resume(fresh, eventsOf(4))).toMatchObject({ rebuiltFrom: undefined })
  expect(madeFiles(root)).toEqual(madeFiles(fresh))
})

test('a record that is lost while the history is at hand is noticed when something of it is taken back', async () => {
  const held = [{ tenantId: 'north', tokenId: 'token-1', day: day(4), until: day(9) }]
  const [whole, lost] = [copyOf(base), copyOf(base)]
  for (const root of [whole, lost]) {
    const engine = await openEngine({ threads: 1 })
    const workspace = openWorkspace(root)
    await addEvents({ engine, workspace }, eventsOf(4))
    await build(engine, workspace)
    if (root === lost) rmSync(join(workspace.history, `date=${day(4)}`, 'record.bin'))
    await addEvents({ engine, workspace }, eventsOf(5))
    const made = await build(engine, workspace, { held })
    expect(made.rebuiltFrom).toBe(root === lost ? day(0) : undefined)
    engine.close()
  }
  expect(madeFiles(lost)).toEqual(madeFiles(whole))
})

describe('a run that is killed', () => {
  /** What is published of a day, in this order. */
  const published = (n: number) =>
    [
      'activity/history/DAY/ids.bin',
      'activity/history/DAY/record.bin',
      'features/DAY/features.parquet',
      'activity/counts/DAY/counts.parquet',
      'activity/use/DAY/use.parquet',
      'activity/counts/DAY/.made-from',
      'features/DAY/.made-from',
    ].map(path => path.replace('DAY', `date=${day(n)}`))
  const ORDER = [2, 3].flatMap(published)
  let before: string
  let after: string
  let whole: Map<string, string>

  beforeAll(async () => {
    before = copyOf(base)
    const engine = await openEngine({ threads: 1 })
    // A late event: two days are to be made anew over what they were.
    const late = { ...eventsOf(2)[0]!, event_id: 'late', operation: 'op-late' }
    await addEvents({ engine, workspace: openWorkspace(before) }, [late], 'late')
    engine.close()
    after = copyOf(before)
    expect((await resume(after)).days).toEqual([2, 3].map(day))
    whole = madeFiles(after)
  })

  test('has published in the order that is taken for granted here', () => {
    const times = ORDER.map(path => statSync(join(after, 'data', path), { bigint: true }).mtimeNs)
    expect(times.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0))).toEqual(times)
    const old = madeFiles(before)
    const changed = [...whole].filter(([path, bytes]) => old.get(path) !== bytes)
    expect(ORDER).toEqual(expect.arrayContaining(changed.map(([path]) => path)))
  })

  test('after any of the files is completed by the next to the same bytes', async () => {
    for (let files = 1; files < ORDER.length; files++) {
      const killed = copyOf(before)
      for (const path of ORDER.slice(0, files)) {
        mkdirSync(dirname(join(killed, 'data', path)), { recursive: true })
        cpSync(join(after, 'data', path), join(killed, 'data', path))
      }
      const { rebuiltFrom } = await resume(killed)
      expect(rebuiltFrom, `after ${ORDER[files - 1]}`).toBeUndefined()
      expect(madeFiles(killed), `after ${ORDER[files - 1]}`).toEqual(whole)
    }
  })
})

test('a run that cannot write a table leaves no history at hand that the next would go on from', async () => {
  const root = copyOf(base)
  const engine = await openEngine({ threads: 1 })
  const workspace = openWorkspace(root)
  rmSync(join(workspace.history, `date=${day(0)}`, 'ids.bin'))
  await addEvents({ engine, workspace }, eventsOf(4))
  const inTheWay = join(workspace.use, `date=${day(4)}`)
  writeFileSync(inTheWay, '')
  await expect(build(engine, workspace)).rejects.toThrow('EEXIST')
  rmSync(inTheWay)
  expect((await build(engine, workspace)).days).toEqual([day(4)])
  engine.close()
  expect(madeFiles(root)).toEqual(undisturbed)
})

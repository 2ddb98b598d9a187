import { copyFileSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { rowsOf, type Sketch } from '../../../src/lib/sketch.ts'
import { readBatch } from '../../../src/pipeline/batch.ts'
import {
  mergeAll,
  readDaySketches,
  sketchDay,
  writeDaySketches,
} from '../../../src/pipeline/drift/day-sketches.ts'
import { driftUpTo, knownReference, modelDrift } from '../../../src/pipeline/drift/drift.ts'
import { fitDriftReference } from '../../../src/pipeline/drift/reference.ts'
import { loadModel, type Model, readReference } from '../../../src/pipeline/models.ts'
import { score } from '../../../src/pipeline/score.ts'
import { train } from '../../../src/pipeline/train.ts'
import { scoreWindows } from '../../../src/scoring.ts'
import { partition } from '../../../src/sql/workspace.ts'
import { keyhound } from '../../cli/harness.ts'
import { addEvents, type TinyEvent } from '../../engine/tiny-world.ts'
import { dayAt, days, type Office, officeDay, openOffice } from '../office.ts'

/** Day 0 only makes a history; 1 to 3 are learned from. */
const TRAINED = 4
const FITTED = 3
/** 4 is a usual day, on 5 a single token calls, on 6 and 7 everybody does something else. */
const [QUIET, CHANGED, END] = [5, 6, 8]
/** Zeros lose their sign in JSON. */
const asStored = (value: unknown) => JSON.parse(JSON.stringify(value))
const dayName = (n: number) => dayAt(n).toISOString().slice(0, 10)
let office: Office
let model: Model

/** A day on which every token calls from elsewhere, by night, and deletes. */
function changedDay(day: number): TinyEvent[] {
  return officeDay(day).map((event, i) => ({
    ...event,
    time: Number(event.time) - 8 * 3_600_000,
    source_ip: `203.0.113.${(i * 7) % 250}`,
    net: '203.0.113.0/24',
    country: 'US',
    client: 'curl',
    user_agent: 'curl/8',
    method: 'DELETE',
    operation: `DELETE /admin/${i % 12}`,
    status: i % 2 === 0 ? 403 : 200,
  }))
}

beforeAll(async () => {
  const quiet = officeDay(QUIET).filter(event => event.token_id === 'token-1')
  office = await openOffice([...days(0, QUIET), ...quiet])
  await train(office.context, { until: dayAt(TRAINED) })
  model = await loadModel(office.world.workspace)
})
afterAll(() => office.world.close())

const known = () => knownReference(model)!
const stored = (day: number) => readDaySketches(office.world.workspace, dayName(day), known())

describe('the reference of a model', () => {
  test('survives storing bit by bit, loads with the model and alone, and is known by its checksum', async () => {
    const { workspace, engine } = office.world
    const batch = await readBatch(
      engine,
      workspace,
      Array.from({ length: FITTED }, (_, n) => dayName(TRAINED - FITTED + n)),
    )
    const { surprises, score: scores } = scoreWindows(model.detectors, batch)
    const fresh = fitDriftReference(batch, surprises, scores, model.detectors.combination)
    expect(model.drift!.reference).toEqual(asStored(fresh))
    expect(model.drift!.checksum).toBe(model.manifest.checksums['drift.json'])
    expect(readReference(workspace, 'default')).toEqual(known())
    expect(known().model).toBe('default@1')
  })

  test('holds every token-hour trained on in every column, by token-day', () => {
    const { columns } = known().reference
    // Twelve tokens, three hours a day.
    for (const { sketch } of columns) {
      expect(rowsOf(sketch)).toBe(12 * 3 * FITTED)
      expect([sketch.clusters, sketch.clusterSquares]).toEqual([12 * FITTED, 9 * 12 * FITTED])
    }
    expect(columns.filter(column => column.kind === 'score').map(column => column.name)).toEqual(['score'])
    expect(columns.reduce((sum, { weight }) => sum + weight, 0)).toBeCloseTo(1, 9)
    expect(columns.find(column => column.kind === 'score')!.weight).toBe(0)
  })

  test('with a bit turned is refused', async () => {
    const { workspace } = office.world
    const file = join(workspace.models, 'default', '1', 'drift.json')
    const kept = join(workspace.root, 'drift.json')
    copyFileSync(file, kept)
    writeFileSync(file, readFileSync(file, 'utf8').replace('"clusters":36', '"clusters":37'))
    await expect(loadModel(workspace)).rejects.toMatchObject({ code: 'corrupt-artefact' })
    expect(() => readReference(workspace, 'default')).toThrow(/checksum/)
    copyFileSync(kept, file)
    rmSync(kept)
  })
})

describe('scored days', () => {
  test('leave their sketches beside the scores, on the knots of the model', async () => {
    const summary = await score(office.context, { to: dayAt(QUIET) })
    const file = join(partition(office.world.workspace.scores, dayName(TRAINED)), '.sketches.json')
    expect(existsSync(file)).toBe(true)
    expect(readFileSync(file, 'utf8')).not.toContain('knots')
    const sketches = stored(TRAINED)!
    known().reference.columns.forEach(({ sketch }, c) => {
      expect(sketches[c]!.knots).toEqual(sketch.knots)
      expect(rowsOf(sketches[c]!)).toBe(36)
      expect(sketches[c]!.clusters).toBe(12)
    })
    const { engine, workspace } = office.world
    const batch = await readBatch(engine, workspace, [dayName(TRAINED)])
    expect(sketches).toEqual(
      asStored(sketchDay(known().reference, batch, scoreWindows(model.detectors, batch))),
    )
    expect(summary.drift).toEqual(driftUpTo(office.context, model, dayName(TRAINED)))
    expect(summary.drift).toMatchObject({
      model: 'default@1',
      from: dayName(TRAINED),
      to: dayName(TRAINED),
      periodRows: 36,
      trainingRows: 36 * FITTED,
      days: 1,
    })
  })

  test('a quiet day is no drift', async () => {
    const { drift } = await score(office.context, { from: dayAt(QUIET), to: dayAt(CHANGED) })
    expect(drift!.days).toBe(2)
    const quiet = await modelDrift(office.context, { from: dayAt(QUIET), to: dayAt(CHANGED) })
    expect(quiet).toMatchObject({
      from: dayName(QUIET),
      to: dayName(QUIET),
      periodRows: 3,
      weighted: 0,
      isBeyond: false,
    })
    expect(new Set(quiet.columns.flatMap(one => [one.level, one.upperLevel]))).toEqual(new Set(['stable']))
  })

  test('of another model, or another format, are not read', async () => {
    const { workspace } = office.world
    expect(readDaySketches(workspace, dayName(TRAINED), { ...known(), model: 'default@2' })).toBeNull()
    expect(readDaySketches(workspace, dayName(TRAINED), { ...known(), checksum: 'other' })).toBeNull()
    expect(readDaySketches(workspace, '2031-01-01', known())).toBeNull()
    expect(driftUpTo(office.context, { ...model, drift: null }, dayName(TRAINED))).toBeNull()
    expect(driftUpTo(office.context, model, dayName(3))).toBeNull()
  })

  test('what is written is read', async () => {
    const { workspace } = office.world
    const sketches = stored(TRAINED)!
    const twice = mergeAll(sketches, sketches)
    await writeDaySketches(workspace, '2031-01-02', known(), twice)
    expect(readDaySketches(workspace, '2031-01-02', known())).toEqual(twice)
    rmSync(partition(workspace.scores, '2031-01-02'), { recursive: true })
  })
})

describe('models drift', () => {
  test('days that were not scored are scored aside, and nothing of them is kept', async () => {
    const aside = await modelDrift(office.context, { to: dayAt(TRAINED) })
    expect(aside).toMatchObject({ from: dayName(0), to: dayName(3), days: 4, periodRows: 4 * 36 })
    const fitted = await modelDrift(office.context, { from: dayAt(TRAINED - FITTED), to: dayAt(TRAINED) })
    expect(fitted).toMatchObject({ periodRows: 36 * FITTED, weighted: 0, isBeyond: false })
    expect(fitted.score).toMatchObject({ psi: 0, ks: 0, p: 1 })
    expect(stored(2)).toBeNull()
  })

  test('so are days without features yet, which stay without a score', async () => {
    await addEvents(office.world, changedDay(CHANGED), 'changed')
    const found = await modelDrift(office.context, { from: dayAt(CHANGED) })
    expect(found).toMatchObject({ from: dayName(CHANGED), to: dayName(CHANGED), days: 1, periodRows: 36 })
    // Without a period: what was scored.
    expect(await modelDrift(office.context)).toMatchObject({ from: dayName(TRAINED), to: dayName(QUIET) })
  })

  test('is the same from stored sketches and from scratch', async () => {
    const period = { from: dayAt(TRAINED), to: dayAt(QUIET) }
    const before = await modelDrift(office.context, period)
    const file = join(partition(office.world.workspace.scores, dayName(TRAINED)), '.sketches.json')
    const sketches = stored(TRAINED) as Sketch[]
    rmSync(file)
    expect(await modelDrift(office.context, period)).toEqual(before)
    await writeDaySketches(office.world.workspace, dayName(TRAINED), known(), sketches)
  })

  test('refuses a period without a day, naming what there is', async () => {
    await expect(modelDrift(office.context, { from: dayAt(300) })).rejects.toMatchObject({
      code: 'bad-input',
      message: expect.stringContaining(`from ${dayName(0)} to ${dayName(CHANGED)}`),
    })
  })

  test('days on which everybody changed are beyond bounds, and the week that scoring looks at is', async () => {
    await addEvents(office.world, changedDay(CHANGED + 1), 'changed')
    const { drift } = await score(office.context)
    expect(drift).toMatchObject({ from: dayName(TRAINED), to: dayName(END - 1), days: 4, isBeyond: true })
    expect(await modelDrift(office.context)).toEqual(drift)
    const alone = await modelDrift(office.context, { from: dayAt(CHANGED) })
    expect(alone).toMatchObject({ from: dayName(CHANGED), to: dayName(END - 1), isBeyond: true })
    expect(alone.score).toMatchObject({ upperLevel: 'strong', trainingTail: 0, periodTail: 1 })
    expect(alone.columns.some(one => one.weight > 0 && one.upperLevel === 'strong')).toBe(true)
  })
})

describe('on the command line', () => {
  const run = (...argv: string[]) => keyhound([...argv, '--workspace', office.world.workspace.root])
  async function json<T>(...argv: string[]): Promise<T> {
    const ended = await run(...argv, '--json')
    expect(ended.exitCode, ended.stderr).toBe(0)
    return JSON.parse(ended.stdout) as T
  }

  interface Told {
    model: string
    from: string
    to: string
    days: number
    weighted: number
    isBeyond: boolean
    advice: string | null
    columns: { name: string; level: string; advice: string }[]
  }

  test('says how far the scored days lie from training, in text', async () => {
    const { exitCode, stdout } = await run('models', 'drift')
    expect(exitCode).toBe(0)
    expect(stdout).toMatch(/^model +default@1, trained on 108 token-hours\n/)
    expect(stdout).toMatch(/\nperiod +2026-03-06 to 2026-03-09 \(111 token-hours\)\n/)
    expect(stdout).toMatch(
      /\nscore +strong, strong where it counts; [\d.]+ % -> [\d.]+ % of token-hours above/,
    )
    expect(stdout).toMatch(
      /\nwhat weighs +\d\.\d{3}: what default@1 scores by has drifted from its training \(\w+, \w+, \w+\): see /,
    )
    expect(stdout).toMatch(/\n\d+ more ask for nothing: --all shows them\n$/)
    expect(stdout).not.toContain('NaN')
  })

  test('every column with --all, lined up', async () => {
    const { stdout } = await run('models', 'drift', 'default@1', '--all')
    const lines = stdout.trimEnd().split('\n')
    const head = lines.findIndex(line => line.startsWith('what  '))
    expect(lines[head]).toMatch(
      /^what +drift +where it counts +weight +PSI +by chance +KS +median +tail +what to do$/,
    )
    const { columns } = await json<Told>('models', 'drift')
    expect(lines.slice(head + 1).map(line => line.split(' ')[0])).toEqual(columns.map(one => one.name))
    expect(stdout).not.toContain('ask for nothing')
  })

  test('as JSON, of the period asked for', async () => {
    const whole = await json<Told>('models', 'drift')
    expect(whole).toMatchObject({ model: 'default@1', from: '2026-03-06', to: '2026-03-09', days: 4 })
    expect(whole.columns.map(one => one.name)).toContain('score')
    expect(typeof whole.weighted).toBe('number')
    expect(whole.advice === null).toBe(!whole.isBeyond)
    const one = await json<Told>('models', 'drift', '--from', '2026-03-07', '--to', '2026-03-08')
    expect(one).toMatchObject({
      from: '2026-03-07',
      to: '2026-03-07',
      days: 1,
      isBeyond: false,
      advice: null,
    })
  })

  test('refuses what it cannot compare', async () => {
    const never = await run('models', 'drift', '--from', '2030-01-01')
    expect(never).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('no day of the log lies in that period'),
    })
    expect((await run('models', 'drift', 'other')).stderr).toContain('no model other')
    expect((await keyhound(['models', 'drift', '--help'])).stdout).toContain(
      'keyhound models drift --json | jq .weighted',
    )
  })
})

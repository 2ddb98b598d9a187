import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { BUILT_IN, type Catalogue, FEATURES } from '../../src/features/catalogue.ts'
import { createMatrix } from '../../src/lib/matrix.ts'
import type { Context } from '../../src/pipeline/context.ts'
import { examine } from '../../src/pipeline/doctor/doctor.ts'
import { explain } from '../../src/pipeline/explain.ts'
import { loadModel, showModel } from '../../src/pipeline/models.ts'
import { catalogueOf, loadFeatures } from '../../src/pipeline/own-features.ts'
import { prepare } from '../../src/pipeline/prepare.ts'
import { score } from '../../src/pipeline/score.ts'
import { writeTable } from '../../src/pipeline/tables.ts'
import { train } from '../../src/pipeline/train.ts'
import { listAlerts } from '../../src/pipeline/triage.ts'
import { parseChange } from '../../src/schema/change.ts'
import { type Config, configSchema, loadConfig } from '../../src/schema/config.ts'
import { openScorer } from '../../src/scoring.ts'
import { dump, type TinyEvent } from '../engine/tiny-world.ts'
import { dayAt, type Office, officeCall, openOffice } from './office.ts'

const DAYS = 13
const TOKENS = 8
const THIEF = { day: 12, token: 4, hour: 11, calls: 6 }

/** Requests of about 2 kB: few at 9 and 11, forty at 16. So 80 kB in an hour are usual. */
function uploads(): TinyEvent[] {
  const events: TinyEvent[] = []
  for (let day = 0; day < DAYS; day++)
    for (let token = 0; token < TOKENS; token++)
      for (const hour of [9, 11, 16])
        for (let i = 0; i < (hour === 16 ? 36 : 3 + ((day * 5 + token * 7 + hour) % 6)); i++)
          events.push({ ...officeCall(day, token, hour, i), request_bytes: 1500 + 500 * ((day + i) % 3) })
  return events
}

/** The misuse: as few requests as ever in the hour, of the same kinds, with 12 kB each. The hour's 72 kB are usual, too. */
function stolen(events: readonly TinyEvent[]): TinyEvent[] {
  const { day, token, hour, calls } = THIEF
  const isThief = (id: unknown) => String(id).startsWith(`${day}-${token}-${hour}-`)
  const others = events.filter(event => !isThief(event.event_id))
  return [
    ...others,
    ...Array.from({ length: calls }, (_, i) => ({
      ...officeCall(day, token, hour, i),
      request_bytes: 12_000,
    })),
  ]
}

/** Nothing but bytes per request; and a name that SQL would read as a word of its own. */
const FEATURE = `export const features = [
  {
    name: 'upload_per_request', group: 'data', unit: 'bytes', doc: 'Bytes received per request.', higherIs: 'worse',
    of: hour => hour.requestBytes / hour.requests,
    told: { noun: 'received per request' },
    shows: event => event.requestBytes > 10000 && event.operation !== 'GET /tasks' && event.requestBytes,
    weighs: { perNat: 0.6, beyondKnee: 0.6 },
  },
  { name: 'select', group: 'context', unit: 'events', doc: 'Requests.', higherIs: 'context', of: hour => hour.requests },
]`
const METRIC = `export const metrics = [{
  name: 'upload_per_request', level: 'hour', group: 'data', unit: 'bytes', what: 'bytes received per request',
  of: hour => hour.requestBytes / hour.requests, hasExcess: true,
  told: { noun: 'received per request' },
}]`

const PERIOD = { from: dayAt(12), to: dayAt(13) }
const THEFT = { tenantId: 'acme', tokenId: `token-${THIEF.token}` }
const WINDOW = dayAt(THIEF.day, THIEF.hour)

let folder: string
let office: Office
/** Scores of the built-in features alone. */
let builtIn: readonly Row[]
let own: Context & { readonly catalogue: Catalogue }
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'keyhound-own-'))
  office = await openOffice(stolen(uploads()))
  await train(office.context, { until: dayAt(12), name: 'built-in' })
  builtIn = await scoresOf(office.context, 'built-in')
  own = await contextOf(FEATURE)
  await train(own, { until: dayAt(12), name: 'own' })
})
afterAll(() => {
  office.world.close()
  rmSync(folder, { recursive: true, force: true })
})

/** A configuration that names one file of features, read as an operator's is. */
function configured(code: string, file = 'mine.mjs'): Config {
  writeFileSync(join(folder, file), code)
  writeFileSync(join(folder, 'keyhound.json'), JSON.stringify({ features: [`./${file}`] }))
  const result = loadConfig(join(folder, 'keyhound.json'))
  if (!result.ok) throw new Error(JSON.stringify(result.problems))
  const { alerts, forest } = office.context.config!
  return { ...result.config, alerts, forest }
}

async function contextOf(code: string, file?: string) {
  const config = configured(code, file)
  return { ...office.context, config, catalogue: await loadFeatures(config) }
}

interface Row {
  readonly token: string
  readonly at: Date
  readonly risk: number
}

/** Scores of the last day, highest risk first. */
async function scoresOf(context: Context, model: string): Promise<Row[]> {
  await score(context, { ...PERIOD, model })
  return office.rows<Row>(
    'SELECT token_id AS token, window_start AS at, risk FROM scores ORDER BY risk DESC, token_id',
  )
}

const isTheft = ({ token, at }: Row) => token === THEFT.tokenId && at.getTime() === WINDOW.getTime()

describe('an own feature', () => {
  test('alone finds a misuse that no built-in feature sees', async () => {
    expect(builtIn.find(isTheft)!.risk).toBeLessThan(10)
    const found = await scoresOf(own, 'own')
    expect(found.filter(row => row.risk >= 50)).toEqual([expect.objectContaining({ token: 'token-4' })])
    expect(isTheft(found[0]!)).toBe(true)
    const [alert, ...others] = await listAlerts(own, {})
    expect([alert!.tokenId, alert!.title, others]).toEqual([
      'token-4',
      'Unusual amount of data taken out',
      [],
    ])
  })

  test('is told in its own words, beside usual values, with the events that show it', async () => {
    await scoresOf(own, 'own')
    const { reasons, recomputed } = await explain(own, { ...THEFT, window: WINDOW })
    // Usual hours have 1500, 2000 and 2500 bytes in turn.
    const usual = { typical: 2000, highest: expect.any(Number) }
    expect(reasons[0]).toMatchObject({
      text: '12 kB received per request, unlike most token-hours',
      feature: 'upload_per_request',
      actual: 12_000,
      unit: 'bytes',
      frames: [
        { frame: 'self', ...usual },
        { frame: 'peer', ...usual },
        { frame: 'tenant', ...usual },
      ],
      // All six are as large; of token 4, requests 0 and 4 are GET /tasks.
      events: [1, 2, 3, 5].map(i => `12-4-11-${i}`),
    })
    expect(reasons[0]!.facts![0]!.code).toBe('unusual_upload_per_request')
    expect(recomputed.isExact).toBe(true)
  })

  test('is a column of the features, read by views, drift and doctor', async () => {
    await prepare(own)
    const [row] = await office.rows<{ upload: number; select: number }>(
      `SELECT upload_per_request AS upload, "select" FROM features WHERE token_id = 'token-4' AND window_start = '2026-03-14 11:00'`,
    )
    expect(row).toEqual({ upload: 12_000, select: 6 })
    const file = join(folder, 'features.parquet')
    expect((await writeTable(own, 'features', file, { scratch: folder })).behind).toEqual([])
    const [written] = await own.engine.rows(
      `SELECT max(upload_per_request) AS most FROM read_parquet('${file}')`,
    )
    expect(written).toEqual({ most: 12_000 })
    const { drift } = await loadModel(own.workspace, 'own')
    expect(drift!.reference.columns.map(column => column.name)).toContain('upload_per_request')
    const report = await examine({ ...own, config: own.config!, env: {}, temporaryFolder: tmpdir() })
    expect(
      report.checks.filter(({ check }) => check.startsWith('table-')).map(({ level }) => level),
    ).not.toContain('warn')
  })

  test('vectors bring it under its name; events are scored with it', async () => {
    const { engine, config } = own
    const scorer = await openScorer(own.workspace.root, { model: 'own', config: config!, engine })
    const names = [...FEATURES.map(feature => feature.name), 'upload_per_request', 'select']
    const risks = [2000, 12_000].map(bytes => {
      const vector = createMatrix(1, names)
      vector.data.fill(Number.NaN)
      vector.data[names.indexOf('upload_per_request')] = bytes
      return scorer.score(vector).score[0]!
    })
    expect(risks[1]! - risks[0]!).toBeGreaterThan(2)
    expect(scorer.score(createMatrix(1, ['requests_tail'])).missing).toContain('upload_per_request')
    const rows = [{ ...officeCall(12, 7, 21, 0), time: '2026-03-14T21:00:00Z', request_bytes: 15_000 }]
    const { hours } = await scorer.scoreEvents({ rows }, { tokens: 'identifier' })
    expect(hours[0]!.reasons.map(reason => reason.facts![0]!.code)).toContain('unusual_upload_per_request')
    scorer.close()
  })
})

describe('an own metric', () => {
  test('is judged against the past of the token, and told beside its usual value', async () => {
    const context = await contextOf(METRIC)
    expect(context.catalogue.own.map(({ name }) => name)).toEqual([
      'upload_per_request_tail',
      'upload_per_request_excess',
    ])
    await train(context, { until: dayAt(12), name: 'metric' })
    await scoresOf(context, 'metric')
    const { reasons } = await explain(context, { ...THEFT, window: WINDOW })
    // Octave 43 begins at 2^(43/4) - 1 = 1721: the usual value is the lower edge of its bin.
    expect(reasons[0]).toMatchObject({
      text: '12 kB received per request; usually about 1721 bytes',
      feature: 'upload_per_request_tail',
      actual: 12_000,
      unit: 'bytes',
    })
    const [row] = await office.rows<{ excess: number; bin: number }>(
      `SELECT upload_per_request_excess AS excess FROM features WHERE token_id = 'token-4' AND window_start = '2026-03-14 11:00'`,
    )
    // 12,000 bytes lie in bin 54, hours of 2,125 bytes in bin 44: at most (54 - 43) / 4 octaves above what is usual.
    expect(row!.excess).toBeGreaterThanOrEqual(2.25)
    expect(row!.excess).toBeLessThanOrEqual(2.75)
  })
})

describe('the fingerprint', () => {
  test('stays the built-in one without own features', async () => {
    expect((await loadFeatures({ features: [], detectors: { onnx: [] } })).fingerprint).toBe(
      BUILT_IN.fingerprint,
    )
    expect(showModel(own.workspace, 'built-in').featureFingerprint).toBe(BUILT_IN.fingerprint)
    expect(showModel(own.workspace, 'built-in')).not.toHaveProperty('ownFeatures')
    expect((await contextOf('export const features = []')).catalogue).toBe(BUILT_IN)
  })

  test('covers own features: a model that reads them is refused without them and with a changed file', async () => {
    const { featureFingerprint, ownFeatures, config } = showModel(own.workspace, 'own')
    expect(featureFingerprint).toBe(own.catalogue.fingerprint)
    expect(featureFingerprint).not.toBe(BUILT_IN.fingerprint)
    expect([ownFeatures, config.features]).toEqual([['upload_per_request', 'select'], []])
    await expect(score(office.context, { ...PERIOD, model: 'own' })).rejects.toThrow(
      /^model own@1 reads features of your own \(upload_per_request, select\), and no configuration names .*train again: keyhound train$/,
    )
    await expect(openScorer(own.workspace.root, { model: 'own' })).rejects.toThrow(/keyhound train$/)
    const changed = await contextOf(`${FEATURE}\n// One comment more.`)
    await expect(score(changed, { ...PERIOD, model: 'own' })).rejects.toThrow(
      /^model own@1 was trained with other definitions .*their files have changed; train again: keyhound train$/,
    )
  })

  test('covers the files that an own file imports', async () => {
    const code = `import { noun } from './nouns.mjs'\n${FEATURE.replace("'received per request'", 'noun')}`
    const prints: string[] = []
    for (const noun of ['received', 'sent']) {
      writeFileSync(join(folder, 'nouns.mjs'), `export const noun = '${noun}'`)
      prints.push((await contextOf(code, 'importing.mjs')).catalogue.fingerprint)
    }
    expect(prints[0]).not.toBe(prints[1])
  })

  test('a model without own features goes on beside them, with the same scores', async () => {
    expect(await scoresOf(own, 'built-in')).toEqual(builtIn)
  })
})

describe('errors', () => {
  const failing = FEATURE.replace(
    'hour.requestBytes / hour.requests',
    'large(hour.requestBytes / hour.requests)',
  )
  const throwing = `${failing}\nfunction large(bytes) { if (bytes > 10000) throw new Error('too large'); return bytes }`

  test('thrown by a definition name file, feature and token-hour, and leave the workspace whole', async () => {
    await prepare(own)
    const before = await dump(office.world, own.workspace.features)
    const context = await contextOf(throwing, 'throwing.mjs')
    await expect(prepare(context)).rejects.toMatchObject({
      code: 'bad-input',
      message: `${join(folder, 'throwing.mjs')}: "upload_per_request" failed: too large, in the hour 2026-03-14T11:00Z of token token-4 of tenant acme`,
    })
    await prepare(own)
    expect(await dump(office.world, own.workspace.features)).toEqual(before)
  })

  test.each([
    ['export const features = [1]', /mine.mjs: feature 1: /],
    ['export const feature = []', /mine.mjs: exports feature; did you mean features\?/],
    ["throw new Error('no licence')", /mine.mjs does not run: no licence/],
    ['export const mine = 1', /mine.mjs: exports neither features nor metrics/],
    ['export const features = {}', /mine.mjs: features is not a list/],
  ])('%s is refused at the start', async (code, message) => {
    await expect(contextOf(code)).rejects.toThrow(message)
  })

  test('a file that is not there, and code in a workspace, a model or a change', async () => {
    await expect(
      loadFeatures({ features: [join(folder, 'gone.mjs')], detectors: { onnx: [] } }),
    ).rejects.toMatchObject({ code: 'not-found', message: `features: no file ${join(folder, 'gone.mjs')}` })
    expect(parseChange({ config: { features: ['./mine.mjs'] } })).toMatchObject({
      ok: false,
      problems: [
        { path: 'config.features', problem: expect.stringContaining('set it in the configuration file') },
      ],
    })
    expect(() => catalogueOf({ config: own.config! })).toThrow(/not loaded; .*loadFeatures/)
  })

  test('names that the configuration refers to and nobody defines come with the nearest', async () => {
    const onnx = [{ name: 'mine', path: 'mine.onnx', features: ['upload_per_requests'] }]
    const config = configSchema.parse({ features: [join(folder, 'mine.mjs')], detectors: { onnx } })
    configured(FEATURE)
    await expect(loadFeatures(config)).rejects.toThrow(
      'detectors.onnx "mine": no feature "upload_per_requests"; did you mean upload_per_request?',
    )
  })
})

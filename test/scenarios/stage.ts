import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fitForest } from '../../src/detectors/isolation-forest/fit.ts'
import { fitPermissionClusters } from '../../src/detectors/permission-clusters/model.ts'
import { SIGNALS } from '../../src/detectors/signals/catalogue.ts'
import { scoreSignals, signalFeatures } from '../../src/detectors/signals/signals.ts'
import { fitTails, scoreTails, type Tail } from '../../src/detectors/tail-surprise/tail-surprise.ts'
import { listDays, listParquet, partition } from '../../src/engine/workspace.ts'
import { FEATURES } from '../../src/features/catalogue.ts'
import { selectColumns, selectRows } from '../../src/lib/matrix.ts'
import { readBatch, type WindowBatch } from '../../src/pipeline/batch.ts'
import { readFacts } from '../../src/pipeline/facts.ts'
import { illustrate } from '../../src/pipeline/illustrate.ts'
import { explainRow } from '../../src/pipeline/judge.ts'
import { readUse } from '../../src/pipeline/use.ts'
import { withFloor } from '../../src/risk/floor.ts'
import { PRIOR_COMBINATION } from '../../src/risk/prior.ts'
import type { Reason } from '../../src/schema/scores.ts'
import { type Detectors, FOREST_FEATURES, scoreWindows, TAIL_DETECTOR } from '../../src/scoring.ts'
import {
  addEvents,
  bringUpToDate,
  DAY_MS,
  HOUR_MS,
  momentOf,
  openTinyWorld,
  type TinyEvent,
  type TinyWorld,
} from '../activity/tiny-world.ts'

/** Days of habits before the day of the deed; a slow campaign needs two weeks and a half of them. */
export const TODAY = 17
/** A Tuesday, so that the deed falls on a Friday. */
const FIRST = momentOf('2026-03-03')
const USUAL_HOURS = [9, 11, 15]

/** Five tokens of one tenant with steady habits; a scenario adds the deed of one of them, the hero, and what excuses it. */
export interface Cast {
  /** Numbers of the tokens; the hero is 0. */
  readonly everyone: readonly number[]
  /** Adds n calls of a token in an hour, like its usual ones but for the columns given; days count from 0. */
  add(token: number, day: number, hour: number, n: number, columns: (i: number) => Partial<TinyEvent>): void
  /** Takes the token's usual calls out of a span of days, both ends included. */
  silence(token: number, from: number, to: number): void
  /** Columns for all of a token's calls on all days up to today. */
  alwaysWith(token: number, columns: Partial<TinyEvent>): void
}

export interface Scenario {
  /** A row of the table of misuse in the design. */
  readonly misuse: string
  readonly benign: string
  /** Signal that must tell them apart. */
  readonly signal: string
  /** Feature held against the twin's instead of the signal: where two weeks and a half are too short to know its usual tail. */
  readonly feature?: string
  /** Codes of a reason that names the misuse. @default the signal */
  readonly named?: readonly string[]
  /** Among how many first reasons: a deed that doubles the steady pace of this stage is unusual in that, too. @default 1 */
  readonly within?: number
  /** Hour of today at which both happen. @default 11 */
  readonly hour?: number
  readonly attack: (cast: Cast) => void
  readonly twin: (cast: Cast) => void
}

const OPERATIONS = ['GET /tasks', 'GET /tasks/{id}', 'POST /tasks/{id}'] as const

/** The i-th call of a token in an hour, as it always was. */
function usualCall(tenant: string, token: number, day: number, hour: number, i: number): TinyEvent {
  const step = i % 3
  return {
    token_id: `${tenant}/${token}`,
    tenant_id: tenant,
    principal_id: `person ${token}`,
    role: token === 4 ? 'service' : 'analyst',
    time: FIRST + day * DAY_MS + hour * HOUR_MS + i * 45_000 + token * 700,
    method: step === 2 ? 'POST' : 'GET',
    operation: OPERATIONS[step]!,
    resource_type: 'task',
    resource_id: step === 0 ? null : String(100 * token + ((day + i) % 7) * 5),
    granted_scopes: 'read write',
    required_scope: step === 2 ? 'write' : 'read',
    status: 200,
    source_ip: `10.0.${token}.5`,
    net: `10.0.${token}.0/24`,
    asn: 100,
    country: 'NL',
    network_type: 'business',
    latitude: 52.4,
    longitude: 4.9,
    client: 'sdk',
    user_agent: 'sdk/1',
    request_bytes: 200 + 10 * step,
    response_bytes: 1500 + 100 * ((day + i) % 5),
    latency_ms: 20 + ((day * 3 + i) % 7),
  }
}

function playCast(tenant: string, play: (cast: Cast) => void): TinyEvent[] {
  const added: TinyEvent[] = []
  const silences: { token: number; from: number; to: number }[] = []
  const always = new Map<number, Partial<TinyEvent>>()
  const everyone = [0, 1, 2, 3, 4]
  play({
    everyone,
    add(token, day, hour, n, columns) {
      for (let i = 0; i < n; i++) {
        const usual = usualCall(tenant, token, day, hour, i)
        // Spread over the hour, after the usual ones.
        const time = FIRST + day * DAY_MS + hour * HOUR_MS + 600_000 + Math.floor((i * 2_900_000) / n)
        added.push({ ...usual, time, ...columns(i) })
      }
    },
    silence: (token, from, to) => void silences.push({ token, from, to }),
    alwaysWith: (token, columns) => void always.set(token, columns),
  })
  const events: TinyEvent[] = []
  for (let day = 0; day <= TODAY; day++) {
    for (const token of everyone) {
      if (silences.some(span => span.token === token && day >= span.from && day <= span.to)) continue
      for (const hour of USUAL_HOURS) {
        const calls = 6 + ((day * 5 + token * 3 + hour) % 5)
        for (let i = 0; i < calls; i++)
          events.push({ ...usualCall(tenant, token, day, hour, i), ...always.get(token) })
      }
    }
  }
  return [...events, ...added]
}

/** Nats by which the attack must stand out: a factor of seven in how often chance alone does it. */
const MARGIN = 2

/**
 * Plays every scenario twice in one world, attack and benign twin in tenants of their own, and holds the signal's evidence in
 * the hour of the deed against the twin's and against the hero's usual hours.
 */
export function playScenarios(title: string, scenarios: readonly Scenario[]): void {
  describe(title, () => {
    let world: TinyWorld
    let explained: Map<string, readonly Reason[]>
    let evidenceOf: (tenant: string, signal: string) => { deed: number; usual: number; features: string }
    const tenantOf = (scenario: Scenario, side: 'attack' | 'twin') => `${scenario.signal} ${side}`

    beforeAll(async () => {
      world = await openTinyWorld(2)
      const events = scenarios.flatMap(scenario => [
        ...playCast(tenantOf(scenario, 'attack'), scenario.attack),
        ...playCast(tenantOf(scenario, 'twin'), scenario.twin),
      ])
      await addEvents(
        world,
        events.map((event, i) => ({ ...event, event_id: String(i) })),
      )
      await bringUpToDate(world)
      evidenceOf = await judge(world, scenarios)
      explained = await explainDeeds(world, scenarios, tenantOf)
    })
    afterAll(() => world.close())

    test.each(scenarios.map(scenario => [scenario.misuse, scenario.benign, scenario] as const))(
      '%s, unlike %s',
      (_misuse, _benign, scenario) => {
        const attack = evidenceOf(tenantOf(scenario, 'attack'), scenario.signal)
        const twin = evidenceOf(tenantOf(scenario, 'twin'), scenario.signal)
        const told = `attack ${attack.features}\ntwin ${twin.features}`
        expect(attack.deed, told).toBeGreaterThan(attack.usual + MARGIN)
        expect(attack.deed, told).toBeGreaterThan(twin.deed + MARGIN)
      },
    )

    test.each(scenarios.map(scenario => [scenario.misuse, scenario] as const))(
      '%s is named by the reasons, with events of the deed',
      (_misuse, scenario) => {
        const reasons = explained.get(scenario.signal)!
        const codes = scenario.named ?? [scenario.signal]
        const naming = reasons.slice(0, scenario.within ?? 1).find(reason => codes.includes(reason.code))
        const told = reasons
          .map(({ code, contribution, text }) => `${contribution} ${code}: ${text}`)
          .join('\n')
        expect(naming, told).toBeDefined()
        expect(naming!.events!.length, told).toBeGreaterThan(0)
        expect(naming!.facts!.length, told).toBeGreaterThan(0)
      },
    )
  })
}

/** Evidence of each signal in the hero's hours, with tails fitted on the week before today. */
async function judge({ engine, workspace }: TinyWorld, scenarios: readonly Scenario[]) {
  const files = listDays(workspace.features).flatMap(day => listParquet(partition(workspace.features, day)))
  const names = signalFeatures(SIGNALS)
  const source = `FROM read_parquet([${files.map(file => `'${file}'`).join(', ')}], hive_partitioning = false)
    WHERE window_start >= TIMESTAMP '${new Date(FIRST + (TODAY - 7) * DAY_MS).toISOString().slice(0, 19)}' ORDER BY token_id, window_start`
  const features = await engine.matrix(`SELECT ${names.join(', ')} ${source}`)
  const times = await engine.matrix(`SELECT epoch_ms(window_start)::DOUBLE AS time ${source}`)
  const tokens = (await engine.texts(`SELECT token_id ${source}`)).columns[0] as string[]
  const today = FIRST + TODAY * DAY_MS
  const before = [...tokens.keys()].filter(row => times.data[row]! < today)
  const surprises = scoreTails(fitTails(selectRows(features, before)), features)
  const evidence = scoreSignals(SIGNALS, surprises)

  return (tenant: string, signal: string) => {
    const { hour = 11, feature } = scenarios.find(scenario => scenario.signal === signal)!
    const rows = [...tokens.keys()].filter(row => tokens[row] === `${tenant}/0`)
    const at = (row: number) => {
      if (feature === undefined) return evidence.data[row * evidence.cols + evidence.names.indexOf(signal)]!
      const value = features.data[row * features.cols + features.names.indexOf(feature)]!
      return Number.isNaN(value) ? 0 : value
    }
    const deed = rows.find(row => times.data[row] === today + hour * HOUR_MS)
    if (deed === undefined) throw new Error(`the hero of ${tenant} has no traffic at ${hour}:00 today`)
    const terms = SIGNALS.find(one => one.name === signal)!.terms.flatMap(term => term.features)
    const value = (matrix: typeof features, name: string) => {
      const cell = matrix.data[deed * matrix.cols + matrix.names.indexOf(name)]!
      return Number.isNaN(cell) ? '?' : cell.toFixed(2)
    }
    return {
      deed: at(deed),
      usual: Math.max(0, ...rows.filter(row => times.data[row]! < today).map(at)),
      features: terms.map(name => `${name} ${value(features, name)} -> ${value(surprises, name)}`).join(', '),
    }
  }
}

/**
 * What is said of the hero's hour of the deed, by signal. Two weeks of five steady tokens cannot teach how far nats and counts
 * usually run, so the tails are as the features state them: a nat is a nat.
 */
async function explainDeeds(
  { engine, workspace }: TinyWorld,
  scenarios: readonly Scenario[],
  tenantOf: (scenario: Scenario, side: 'attack') => string,
): Promise<Map<string, readonly Reason[]>> {
  const today = FIRST + TODAY * DAY_MS
  const day = new Date(today).toISOString().slice(0, 10)
  const before = listDays(workspace.features).filter(past => past < day)
  const batch = await readBatch(engine, workspace, [day])
  const detectors = await statedDetectors({ engine, workspace }, before, batch)
  const scored = scoreWindows(detectors, batch)
  const rows = scenarios.map(scenario => {
    const tenant = tenantOf(scenario, 'attack')
    const start = today + (scenario.hour ?? 11) * HOUR_MS
    return batch.keys.tokenId.findIndex(
      (token, row) => token === `${tenant}/0` && batch.keys.windowStart[row] === start,
    )
  })
  const facts = await readFacts(engine, workspace, [day], batch, rows)
  const hours = rows.map((row, i) => ({
    tenantId: batch.keys.tenantId[row]!,
    tokenId: batch.keys.tokenId[row]!,
    windowStart: batch.keys.windowStart[row]!,
    reasons: explainRow(detectors, batch, scored, row, facts[i]!),
  }))
  const illustrated = await illustrate({ engine, workspace }, day, hours)
  return new Map(scenarios.map((scenario, i) => [scenario.signal, illustrated[i]!]))
}

/** Nats a unit of a feature is worth, and where it begins. */
const NATS_PER_UNIT: Readonly<Record<string, readonly [from: number, nats: number]>> = {
  nats: [0, 1],
  'nats x log events': [0, 0.4],
  octaves: [0, 1.5],
  share: [0, 8],
  'log events': [0, 2.5],
  'log tokens': [0, 2],
  // The stage's tenants are copies of each other, addresses and all.
  tenants: [1, 0],
  'km/h': [600, 0.005],
  'robust deviations': [0, 0.7],
  'standard deviations': [0, 0.7],
}

/** Raw evidence of a signal adds several facts, and some unusual one there always is. */
const USUAL_EVIDENCE = 3

async function statedDetectors(
  { engine, workspace }: Pick<TinyWorld, 'engine' | 'workspace'>,
  before: readonly string[],
  batch: WindowBatch,
): Promise<Detectors> {
  const line = (name: string, from: number, nats: number): Tail => ({
    name,
    values: [from, from + 1],
    surprises: [0, nats],
    slope: nats,
  })
  const misuse = { token: [], start: new Float64Array(0), labelledFrom: null, setAside: new Set<string>() }
  const features = FEATURES.filter(feature => feature.higherIs === 'worse').map(({ name, unit }) => {
    const [from, nats] = NATS_PER_UNIT[unit]!
    // A sum over many values is no surprise of one.
    return line(name, from, /_surplus$|^day_.*_surprise$/.test(name) ? nats / 3 : nats)
  })
  const signals = [...SIGNALS.map(signal => signal.name), TAIL_DETECTOR]
  return {
    forest: fitForest(selectColumns(batch.features, FOREST_FEATURES), { trees: 10, subsample: 64, seed: 1 }),
    clusters: fitPermissionClusters(await readUse(engine, workspace, before, 'true', misuse), { seed: 1 }),
    tails: { tails: [...features, line('forest_score', 0.5, 0), line('violation', 0, 1)] },
    signalTails: { tails: signals.map(name => line(name, USUAL_EVIDENCE, 1)) },
    combination: withFloor(PRIOR_COMBINATION),
    scoreTail: line('score', 0, 1),
    tokenDaysPerDay: 10,
  }
}

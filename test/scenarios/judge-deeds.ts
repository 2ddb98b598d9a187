import { SIGNALS } from '../../src/detectors/signals/catalogue.ts'
import type { Matrix } from '../../src/lib/matrix.ts'
import { readBatch } from '../../src/pipeline/batch.ts'
import { explainer } from '../../src/pipeline/explain-rows.ts'
import { readFacts } from '../../src/pipeline/facts.ts'
import { illustrate } from '../../src/pipeline/illustrate.ts'
import { readUse } from '../../src/pipeline/use.ts'
import { silentProgress } from '../../src/schema/run.ts'
import type { Reason } from '../../src/schema/scores.ts'
import { scoreWindows } from '../../src/scoring.ts'
import { listDays } from '../../src/sql/workspace.ts'
import { DAY_MS, HOUR_MS, type TinyWorld } from '../engine/tiny-world.ts'
import { FIRST, TODAY } from './cast.ts'
import { type Scenario, SIDES, type Side, tenantOf } from './scenario.ts'
import { stateDetectors } from './stated-detectors.ts'

/** What is found of the hero in the hour of the deed. */
export interface Judged {
  /** Evidence of the scenario's detector, nats. */
  readonly deed: number
  /** Its most in the hero's hours of the week before, nats. */
  readonly usual: number
  /** Log-odds of the hour as a whole, up to a constant. */
  readonly score: number
  readonly reasons: readonly Reason[]
  /** Evidence, what it rests on, and the reasons, for a failing test. */
  readonly told: string
}

/** Days before today among whose hours a deed must stand out. */
const USUAL_DAYS = 7

/** Scores and explains every deed as the pipeline does, clusters fitted on the days before. */
export async function judgeDeeds(
  { engine, workspace }: TinyWorld,
  scenarios: readonly Scenario[],
): Promise<(scenario: Scenario, side: Side) => Judged> {
  const today = FIRST + TODAY * DAY_MS
  const dayOf = (time: number) => new Date(time).toISOString().slice(0, 10)
  const days = listDays(workspace.features)
  const read = days.filter(day => day >= dayOf(today - USUAL_DAYS * DAY_MS))
  const batch = await readBatch(engine, workspace, read)
  const misuse = { token: [], start: new Float64Array(0), labelledFrom: null, setAside: new Set<string>() }
  const past = days.filter(day => day < dayOf(today))
  const detectors = stateDetectors(batch.features, await readUse(engine, workspace, past, 'true', misuse))
  const scored = scoreWindows(detectors, batch)

  const { tenantId, tokenId, windowStart } = batch.keys
  const rowsOf = new Map<string, number[]>()
  tokenId.forEach((token, row) => {
    rowsOf.set(token, [...(rowsOf.get(token) ?? []), row])
  })
  const deeds = scenarios.flatMap(scenario =>
    SIDES.map(side => {
      const hero = `${tenantOf(scenario, side)}/0`
      const start = today + (scenario.hour ?? 11) * HOUR_MS
      const row = rowsOf.get(hero)!.find(own => windowStart[own] === start)
      if (row === undefined) throw new Error(`${hero} has no traffic at ${new Date(start).toISOString()}`)
      return { scenario, side, hero, row }
    }),
  )
  const rows = deeds.map(deed => deed.row)
  const facts = await readFacts(engine, workspace, read, batch, rows)
  const explain = explainer(detectors, batch, scored)
  const hours = rows.map((row, i) => ({
    tenantId: tenantId[row]!,
    tokenId: tokenId[row]!,
    windowStart: windowStart[row]!,
    reasons: explain(row, facts[i]!),
  }))
  const context = { engine, workspace, progress: silentProgress, now: new Date(today + DAY_MS) }
  const illustrated = await illustrate(context, dayOf(today), hours)

  const judged = deeds.map(({ scenario: { detector }, side, hero, row }, i): Judged => {
    const before = rowsOf.get(hero)!.filter(own => windowStart[own]! < today)
    const deed = cell(scored.evidence, row, detector)
    const usual = Math.max(0, ...before.map(own => cell(scored.evidence, own, detector)))
    const signal = SIGNALS.find(one => one.name === detector)
    const terms = (signal?.terms.flatMap(term => term.features) ?? []).map(
      name =>
        `${name} ${cell(batch.features, row, name).toFixed(2)} -> ${cell(scored.surprises, row, name).toFixed(2)}`,
    )
    const reasons = illustrated[i]!.map(({ contribution, code, text }) => `${contribution} ${code}: ${text}`)
    const evidence = `${side}: ${deed.toFixed(2)} nats, usually at most ${usual.toFixed(2)}`
    return {
      deed,
      usual,
      score: scored.score[row]!,
      reasons: illustrated[i]!,
      told: [evidence, terms.join(', '), ...reasons].join('\n'),
    }
  })
  return (scenario, side) =>
    judged[deeds.findIndex(deed => deed.scenario === scenario && deed.side === side)]!
}

function cell(matrix: Matrix, row: number, name: string): number {
  return matrix.data[row * matrix.cols + matrix.names.indexOf(name)]!
}

import { averagePrecision, baseRate } from '../../lib/metrics.ts'
import type { SliceReport } from '../../schema/evaluation.ts'
import { finite } from './ranking.ts'
import type { TokenDays } from './token-days.ts'
import { DAY_MS, type World } from './world.ts'

interface Slice {
  readonly group: SliceReport['group']
  readonly name: string
  /** Whether a token-day belongs, by its number. */
  readonly holds: (day: number) => boolean
}

/** Edges of token age, days since its first traffic. */
const AGE_EDGES = [
  { name: 'first day', below: 1 },
  { name: '1 to 7 days', below: 7 },
  { name: '7 to 30 days', below: 30 },
  { name: '30 days and more', below: Number.POSITIVE_INFINITY },
]

/** Quarters of maturity. */
const MATURITY_EDGES = [0.25, 0.5, 0.75, Number.POSITIVE_INFINITY]

/** Edges of hours with traffic per active day: a cron token's one, a person's few, a busy service's round the clock. */
const ACTIVITY_EDGES = [
  { name: 'up to 2 hours a day', below: 2 },
  { name: '2 to 6 hours a day', below: 6 },
  { name: '6 to 16 hours a day', below: 16 },
  { name: '16 hours a day and more', below: Number.POSITIVE_INFINITY },
]

/**
 * The same ranking and the same threshold, told apart by how much was known of the token and how busy it is. `top` holds the row of each
 * token-day's highest hour, `daily` its score. Empty slices are left out.
 */
export function evaluateSlices(
  world: World,
  days: TokenDays,
  top: Uint32Array,
  daily: Float64Array,
  threshold: number,
): SliceReport[] {
  return slices(world, days, top).flatMap(({ group, name, holds }) => {
    const members = Array.from({ length: days.count }, (_, day) => day).filter(holds)
    if (members.length === 0) return []
    const scores = members.map(day => daily[day]!)
    const labels = members.map(day => days.positive[day]!)
    const positives = labels.reduce((sum, label) => sum + label, 0)
    const alerts = scores.filter(score => score >= threshold).length
    const truePositives = scores.filter((score, i) => score >= threshold && labels[i] === 1).length
    return {
      group,
      name,
      tokenDays: members.length,
      positives,
      alerts,
      truePositives,
      precision: finite(truePositives / alerts),
      recall: finite(truePositives / positives),
      falseAlarmRate: finite((alerts - truePositives) / (members.length - positives)),
      averagePrecision: finite(averagePrecision(scores, labels)),
      baseRate: finite(baseRate(labels)),
    }
  })
}

function slices(world: World, days: TokenDays, top: Uint32Array): Slice[] {
  const ageDays = (day: number) =>
    (days.day[day]! * DAY_MS - floorDay(world.tokens[days.token[day]!]!.firstSeen)) / DAY_MS
  const maturity = (day: number) => world.maturity[top[day]!]!
  const activity = activityOf(world, days)
  const hasHistory = (day: number) => world.tokens[days.token[day]!]!.hasHistory
  return [
    { group: 'history', name: 'seen before the period', holds: hasHistory },
    { group: 'history', name: 'held out: first seen in the period', holds: day => !hasHistory(day) },
    ...AGE_EDGES.map(
      ({ name, below }, i): Slice => ({
        group: 'token_age',
        name,
        holds: day => ageDays(day) < below && ageDays(day) >= (AGE_EDGES[i - 1]?.below ?? 0),
      }),
    ),
    ...ACTIVITY_EDGES.map(
      ({ name, below }, i): Slice => ({
        group: 'activity',
        name,
        holds: day => {
          const hours = activity[days.token[day]!]!
          return hours < below && hours >= (ACTIVITY_EDGES[i - 1]?.below ?? 0)
        },
      }),
    ),
    ...MATURITY_EDGES.map((below, i): Slice => {
      const from = MATURITY_EDGES[i - 1] ?? 0
      return {
        group: 'maturity',
        name: `${from} to ${Math.min(1, below)}`,
        holds: day => maturity(day) < below && maturity(day) >= from,
      }
    }),
  ]
}

/** Token-hours per active day of each token within the period, (tokens); NaN for tokens without traffic in it. */
function activityOf({ tokens }: World, days: TokenDays): Float64Array {
  const hours = new Float64Array(tokens.length)
  const active = new Float64Array(tokens.length)
  for (let day = 0; day < days.count; day++) {
    const token = days.token[day]!
    hours[token]! += days.firstRow[day + 1]! - days.firstRow[day]!
    active[token]! += 1
  }
  return hours.map((count, token) => count / active[token]!)
}

function floorDay(time: number): number {
  return Math.floor(time / DAY_MS) * DAY_MS
}

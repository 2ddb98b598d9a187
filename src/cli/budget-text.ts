import type { BudgetCost } from '../schema/dial.ts'
import { number, percent } from './format.ts'

/** A budget in one line: what it solves to, and what it cost. */
export function budgetText(cost: BudgetCost): string {
  const {
    perDay,
    scoreThreshold,
    days,
    observedPerDay,
    beforeFilterPerDay,
    judged,
    truePositives,
    precision,
  } = cost
  const solved =
    scoreThreshold === null
      ? `${number(perDay, 2)} a day, which no score stands for`
      : `${number(perDay, 2)} a day, a score of ${number(scoreThreshold, 2)} in training`
  if (days === 0) return solved
  const before =
    beforeFilterPerDay === null ? '' : ` (${number(beforeFilterPerDay, 1)} before filter and suppressions)`
  const quality =
    precision === null
      ? 'none is judged'
      : `${number(truePositives)} of ${number(judged)} judged are misuse (${percent(precision)})`
  return `${solved}; shown ${number(observedPerDay, 1)} a day${before}; ${quality}`
}

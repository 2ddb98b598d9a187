import type { ColumnDrift, PeriodDrift } from '../../schema/drift.ts'

/** Change of the share of missing values from which the source of the log is to be looked at first. */
const MISSING_CHANGE = 0.05

export interface Advice {
  /** Whether there is anything to do. */
  readonly isDue: boolean
  readonly text: string
}

/** What to do about a column. */
export function columnAdvice({ kind, level, upperLevel, weight, ...column }: ColumnDrift): Advice {
  const { trainingMissing, periodMissing } = column
  const due = (text: string): Advice => ({ isDue: true, text })
  const idle = (text: string): Advice => ({ isDue: false, text })
  if (level === 'stable' && upperLevel === 'stable') return idle('')
  if (periodMissing - trainingMissing > MISSING_CHANGE)
    return due('values are missing: has the log lost a field?')
  if (weight === 0 && kind !== 'score') return idle('adds to no score')
  if (kind === 'score' && (upperLevel !== 'stable' || level === 'strong'))
    return due('alerts a day stray from the budget: train anew')
  if (upperLevel === 'stable') return idle('moved only below where it adds to a score')
  if (trainingMissing - periodMissing > MISSING_CHANGE)
    return due('was often unknown in training: train anew')
  return due('train anew, then compare')
}

/** What to do about a model, in one line; null while nothing that weighs has drifted. */
export function driftAdvice(drift: PeriodDrift & { model: string; isBeyond: boolean }): string | null {
  if (!drift.isBeyond) return null
  const worst = drift.columns
    .filter(({ kind, weight, level, upperLevel }) =>
      kind === 'score'
        ? level === 'strong' || upperLevel !== 'stable'
        : weight > 0 && upperLevel !== 'stable',
    )
    .slice(0, 3)
    .map(column => column.name)
  return `what ${drift.model} scores by has drifted from its training (${worst.join(', ')}): see keyhound models drift ${drift.model}`
}

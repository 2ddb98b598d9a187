import type { ReplayReport } from '../../schema/replay.ts'
import { needsTraining, type Side } from './sides.ts'

interface Circumstances {
  /** Days whose features are not those that were scored. */
  readonly rebuilt: readonly string[]
  /** Days of which nothing is recorded. */
  readonly unrecorded: readonly string[]
  readonly leaveOut: readonly string[]
}

/** What the reader of a replay must know to trust its figures. */
export function replayNotes(
  report: Omit<ReplayReport, 'notes'>,
  before: Side,
  after: Side,
  { rebuilt, unrecorded, leaveOut }: Circumstances,
): string[] {
  const { change, stored, incidents, days } = report
  const isTrained = needsTraining(change)
  const notes: string[] = []
  const say = (isSo: boolean, note: string) => {
    if (isSo) notes.push(note)
  }
  const settings = [...before.settings.values()]
  say(
    unrecorded.length > 0,
    `${unrecorded.length} of ${days} days do not say what scored them (never scored, or by an older Keyhound): "before" scores them with the newest default model and the configured budget`,
  )
  say(
    rebuilt.length > 0,
    `the features of ${rebuilt.length} days were rebuilt since they were scored (late events, or other definitions): "before" is what scoring them again would give`,
  )
  say(
    stored.differing > 0,
    `"before" differs from the ${stored.alerts} stored alerts in ${stored.differing}: suppressions that came or went, or rebuilt features`,
  )
  say(
    new Set(settings.map(one => one.budgetPerDay)).size > 1,
    'the budget changed within the period; "before" keeps each day\'s own, the one shown is the last',
  )
  const inTraining = settings.filter(
    (one, i) => Date.parse([...before.settings.keys()][i]!) < Date.parse(one.model.manifest.training.until),
  ).length
  say(
    inTraining > 0,
    `${inTraining} of ${days} days lie in the period that their model was trained on, which flatters it`,
  )
  say(
    leaveOut.length > 0 && !isTrained,
    `${leaveOut.length} features count as unknown: no surprise, nothing to the signals, the score or the forest's paths; the rest of the model, its calibration and the filter's circumstances stay as they are, so that the budget is not filled up again. With "retrain": true it is`,
  )
  say(
    isTrained,
    `"after" uses a model trained aside on the same period; it is thrown away. To keep it, train with the changed configuration`,
  )
  const filters = (side: Side) => [...side.settings.values()].some(one => one.model.filter !== null)
  say(
    filters(before) && !filters(after),
    'the model of "before" has a false-positive filter and that of "after" has none, which is a difference of its own; give --labels to train one, where tokens stay the entity',
  )
  for (const [name, side] of Object.entries({ before: report.before, after: report.after })) {
    const lifted = side.alertsPerDay - side.beforeFilterPerDay
    say(
      lifted > 0,
      `the filter of "${name}" lifts alerts above the threshold that their score alone does not reach: ${lifted.toFixed(1)} a day more than the score raises, which the budget was not solved for`,
    )
  }
  say(
    change.entity === 'principal',
    'an alert of "after" is a principal-day; days on which several tokens of one principal were alerted before count as one in the list of gained and lost, and suppressions of tokens cover none',
  )
  say(
    incidents.knownFrom === null,
    'no incident is known: give --labels, or judge alerts (keyhound alerts verdict), to see what a change would miss',
  )
  say(
    incidents.knownFrom === 'verdicts',
    'incidents are known from verdicts alone, that is from alerts that were shown: what was never shown cannot be counted as gained',
  )
  return notes
}

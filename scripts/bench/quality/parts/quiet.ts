import { join } from 'node:path'
import { runQuiet } from '../../real/github-humans.ts'
import type { Measured, Part, PartOptions } from './part.ts'

export const QUIET: Part = {
  title: 'A quiet population',
  about:
    'github_human_activity: 585 real accounts, none known to be misused. What the default budget costs where there is nothing to find: every alert here is a false one.',
  dataset: 'github_human_activity',
  measure: measureQuiet,
}

async function measureQuiet({ scratch }: PartOptions): Promise<Measured> {
  const figures = await runQuiet(join(scratch, 'quiet'))
  const subject = `${figures.tokens} accounts, ${figures.days} days`
  return {
    rows: [
      {
        subject,
        measure: 'alerts a day at the default budget',
        kind: 'number',
        value: figures.alertsPerDay,
        goal: { is: 'at most', value: figures.budgetPerDay },
        isHeadline: true,
      },
      { subject, measure: 'most alerts on one day', kind: 'number', value: figures.mostAlertsOfADay },
    ],
    tables: [{ title: 'What was alerted', rows: figures.titles.map(title => ({ ...title })) }],
  }
}

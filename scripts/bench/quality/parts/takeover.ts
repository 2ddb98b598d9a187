import { join } from 'node:path'
import { significant } from '../../lib.ts'
import { evaluateTakeover, TAKEOVER_REFERENCE } from '../../real/github-takeover.ts'
import type { QualityRow } from '../row.ts'
import { atLeast, headlineOf, type Measured, type Part, type PartOptions, rangeOf } from './part.ts'

export const TAKEOVER: Part = {
  title: 'Takeovers in real GitHub activity',
  about:
    'github_takeover_spliced: 40 of 545 accounts continue with the events of somebody else. Only time, token, operation and resource are known: no address, no client. Measured on eligible tokens; 95 % intervals by resampling tokens. The reference is an isolation forest on 8 plain features.',
  dataset: 'github_takeover_spliced',
  measure: measureTakeover,
}

async function measureTakeover({ scratch }: PartOptions): Promise<Measured> {
  const report = await evaluateTakeover(join(scratch, 'takeover'))
  const { tokenDays, budgets, attackTypes } = headlineOf(report)
  const subject = `${report.data.tokens} eligible tokens`
  const reference = 'plain forest'
  const incidents: QualityRow[] = budgets.map(({ perDay, incidentRecall }) => ({
    subject,
    measure: `incidents found at ${perDay} alert${perDay === 1 ? '' : 's'} a day`,
    kind: 'share',
    value: incidentRecall.value ?? 0,
    ...rangeOf(incidentRecall),
  }))
  return {
    rows: [
      {
        subject,
        measure: 'AP, token-days',
        kind: 'share',
        value: tokenDays.averagePrecision.value!,
        ...rangeOf(tokenDays.averagePrecision),
        reference: { value: TAKEOVER_REFERENCE.averagePrecision, of: reference },
        chance: tokenDays.baseRate,
        goal: atLeast(0.45),
        isHeadline: true,
      },
      {
        subject,
        measure: 'AUROC, token-days',
        kind: 'share',
        value: tokenDays.auroc.value!,
        ...rangeOf(tokenDays.auroc),
        reference: { value: TAKEOVER_REFERENCE.auroc, of: reference },
        chance: 0.5,
        goal: atLeast(0.88),
        isHeadline: true,
      },
      ...incidents,
    ],
    tables: [
      {
        title: 'At a number of alerts a day',
        rows: budgets.map(budget => ({
          'alerts a day': budget.perDay,
          precision: significant(budget.precision.value ?? undefined),
          'recall, token-days': significant(budget.recall.value ?? undefined),
          'incidents found': `${budget.incidentsFound} of ${report.data.incidents}`,
        })),
      },
      {
        title: 'Kinds of takeover',
        note: 'Own resources: the thief works on the victim’s own repositories, the harder case.',
        rows: attackTypes.map(({ attackType, incidents: n, found }) => ({
          kind: attackType,
          incidents: n,
          ...Object.fromEntries(report.budgets.map((perDay, b) => [`found at ${perDay} a day`, found[b]!])),
        })),
      },
    ],
    curves: [{ title: 'github_takeover_spliced', report }],
  }
}

import type { Engine } from '../../../../src/sql/duckdb.ts'
import { BOTS_REFERENCE, measureBots } from '../github-bots.ts'
import { atLeast, type Measured, type Part, withEngine } from './part.ts'

export const BOTS: Part = {
  title: "The filter's learner",
  about:
    'github_bot_accounts: 45 features of 1,290 accounts, bot or human; every account is judged by nets that did not see it. The reference was measured on a split of its own.',
  dataset: 'github_bot_accounts',
  measure: () => withEngine(measureAccounts),
}

async function measureAccounts(engine: Engine): Promise<Measured> {
  const figures = await measureBots(engine)
  return {
    rows: [
      {
        subject: `${figures.accounts} accounts`,
        measure: 'weighted F1, cross-validated',
        kind: 'share',
        value: figures.weightedF1,
        range: { ...figures.interval, of: '95 % interval' },
        reference: { value: BOTS_REFERENCE, of: 'random forest, unseen rows' },
        chance: largerClassF1(figures.baseRate),
        goal: atLeast(0.9),
        isHeadline: true,
      },
    ],
  }
}

/** Weighted F1 of calling everything the larger class: 2 p / (1 + p) of its share p, nothing of the other. */
function largerClassF1(baseRate: number): number {
  const share = Math.max(baseRate, 1 - baseRate)
  return (share * 2 * share) / (1 + share)
}

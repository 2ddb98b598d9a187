import { join } from 'node:path'
import { significant } from '../../lib.ts'
import { runWebbot, WEBBOT_REFERENCE } from '../../real/webbot.ts'
import type { Measured, Part, PartOptions } from './part.ts'

export const WEBBOT: Part = {
  title: 'Web bots, learned from people alone',
  about:
    'webbot_sessions without what leaks the class (client, folder, absolute time), no bot in training. The reference is a random forest that learned from both classes: to come near it without one labelled bot is the aim.',
  dataset: 'webbot_sessions',
  measure: measureWebbot,
}

async function measureWebbot({ scratch }: PartOptions): Promise<Measured> {
  const { attackTypes, folds } = await runWebbot(join(scratch, 'webbot'))
  return {
    rows: attackTypes.map(quality => ({
      subject: `${quality.attackType.replace('_', ' ')}, ${quality.sessions} sessions`,
      measure: 'AUROC, sessions',
      kind: 'share',
      value: quality.auroc,
      range: { ...quality.aurocRange, of: `${folds} folds` },
      reference: { value: WEBBOT_REFERENCE[quality.attackType]!, of: 'random forest, both classes' },
      chance: 0.5,
      isHeadline: true,
    })),
    tables: [
      {
        title: 'Average precision',
        rows: attackTypes.map(quality => ({
          bots: quality.attackType.replace('_', ' '),
          AP: significant(quality.averagePrecision),
          'base rate': significant(quality.baseRate),
        })),
      },
    ],
  }
}

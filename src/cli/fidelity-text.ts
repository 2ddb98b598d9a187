import type { ExplanationFidelity } from '../schema/model.ts'
import { number, percent, table } from './format.ts'
import type { Shell } from './shell.ts'

/** What a model's reasons are worth, a line a number of reasons. */
export function fidelityText(fidelity: ExplanationFidelity, colors: Shell['colors']): string {
  const { hours, deletions, seeds, stability } = fidelity
  const figures = table(
    [
      { name: 'first reasons', align: 'right' },
      { name: 'features', align: 'right' },
      { name: 'score lost without', align: 'right' },
      { name: '(random)', align: 'right' },
      { name: 'left with nothing else', align: 'right' },
      { name: '(random)', align: 'right' },
      { name: 'alerts silenced without', align: 'right' },
    ],
    deletions.map(one => [
      number(one.reasons),
      number(one.features, 1),
      percent(one.comprehensiveness),
      percent(one.randomComprehensiveness),
      percent(one.sufficiency),
      percent(one.randomSufficiency),
      percent(one.silenced),
    ]),
    colors,
  )
  return [
    `${colors.bold('Explanations')}, measured on the ${number(hours)} highest token-hours of training`,
    figures,
    `${percent(stability)} of the top reasons stay the same under ${number(seeds)} other seeds (Jaccard index of their codes)`,
  ].join('\n')
}

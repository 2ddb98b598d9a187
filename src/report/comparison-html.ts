import type { ModelComparison } from '../schema/promotion.ts'
import type { ReplaySide } from '../schema/replay.ts'
import {
  alertSection,
  gateSection,
  incidentSection,
  riskSection,
  sidesSection,
} from './comparison-sections.ts'
import { comparisonSummary } from './comparison-summary.ts'
import { count, moment, plural } from './format.ts'
import { html } from './html.ts'
import { footer, page, writeFiles } from './page.ts'

/** Champion and challenger as one HTML page that needs nothing else. `madeAt` is told at its foot. */
export function renderComparison(comparison: ModelComparison, madeAt: Date): string {
  const { champion, challenger, replay } = comparison
  return page(
    `Keyhound: ${challenger} against ${champion}`,
    html`${comparisonSummary(comparison)}
<main>
${gateSection(comparison)}
${sidesSection(comparison)}
${riskSection(comparison)}
${incidentSection(comparison)}
${alertSection('gained', `Only ${challenger} raises them.`, comparison)}
${alertSection('lost', `Only ${champion} raises them.`, comparison)}
</main>
${footer('Data and models', [
  [
    'Period',
    `${moment(replay.from.toISOString())} to ${moment(replay.to.toISOString())} UTC, ${plural(replay.days, 'day')}, scored again with both; nothing was published`,
  ],
  ['Champion', contentOf(replay.before)],
  ['Challenger', contentOf(replay.after)],
  [
    'Known incidents',
    `${count(replay.incidents.known)}, from ${replay.incidents.knownFrom ?? 'nowhere: neither labels nor verdicts'}`,
  ],
  [
    'Stored alerts',
    `${count(replay.stored.alerts)}; ${count(replay.stored.differing)} of them are otherwise when the champion scores again`,
  ],
  ['Intervals', "95 %, Wilson's score"],
  ['Made', moment(madeAt.toISOString())],
])}`,
  )
}

/** Writes report.html and report.json into a folder, each by rename. */
export async function writeComparison(
  comparison: ModelComparison,
  outDir: string,
  madeAt: Date,
): Promise<void> {
  await writeFiles(comparison, renderComparison(comparison, madeAt), outDir)
}

function contentOf({ models }: ReplaySide): string {
  return models.map(({ model, contentId }) => `${model} (content ${contentId.slice(0, 12)})`).join(', ')
}

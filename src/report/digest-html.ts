import type { Digest } from '../schema/digest.ts'
import {
  alertsSection,
  dataSection,
  filterSection,
  incidentsSection,
  modelSection,
  responseSection,
  tokenSection,
} from './digest-sections.ts'
import { digestSummary } from './digest-summary.ts'
import { moment, plural } from './format.ts'
import { html } from './html.ts'
import { footer, page, writeFiles } from './page.ts'

/** A week as one HTML page that needs nothing else. */
export function renderDigest(digest: Digest): string {
  return page(
    `Keyhound digest, ${digest.week ?? `${digest.from.slice(0, 10)} to ${digest.to.slice(0, 10)}`}`,
    html`${digestSummary(digest)}
<main>
${incidentsSection(digest)}
${alertsSection(digest)}
${filterSection(digest)}
${tokenSection(digest)}
${responseSection(digest)}
${dataSection(digest)}
${modelSection(digest)}
</main>
${footer('How this was counted', [
  [
    'Period',
    `${moment(digest.from)} to ${moment(digest.to)} UTC, ${plural(digest.days, 'day')}; alerts belong to the day on which they were first seen`,
  ],
  [
    'Precision',
    'alerts judged as misuse among those judged as misuse, false or benign; duplicates and what nobody judged count nowhere',
  ],
  ['Intervals', "95 %: Wilson's score for precision, Clopper and Pearson's upper end for what may be missed"],
  ['Model', digest.model?.model ?? 'none'],
  ['As known on', `${moment(digest.createdAt)} UTC`],
])}`,
  )
}

/** Writes report.html and report.json into a folder, each by rename. */
export async function writeDigest(digest: Digest, outDir: string): Promise<void> {
  await writeFiles(digest, renderDigest(digest), outDir)
}

import type { EvaluationReport } from '../schema/evaluation.ts'
import { budgetSection } from './evaluation-budgets.ts'
import {
  alertSection,
  attackSection,
  curveSection,
  dataFooter,
  detectionSection,
  detectorSection,
  driftSection,
  explanationSection,
  falseAlarmSection,
  injectedSection,
  sliceSection,
  timeSection,
} from './evaluation-sections.ts'
import { summary } from './evaluation-summary.ts'
import { html } from './html.ts'
import { page, writeFiles } from './page.ts'

/** An evaluation as one HTML page that needs nothing else. */
export function renderEvaluation(report: EvaluationReport): string {
  const period = `${report.data.from.slice(0, 10)} to ${report.data.to.slice(0, 10)}`
  return page(
    `Keyhound evaluation, ${period}`,
    html`${summary(report)}
<main>
${curveSection(report)}
${budgetSection(report)}
${attackSection(report)}
${injectedSection(report)}
${timeSection(report)}
${detectionSection(report)}
${alertSection(report)}
${falseAlarmSection(report)}
${explanationSection(report)}
${sliceSection(report)}
${detectorSection(report)}
${driftSection(report)}
</main>
${dataFooter(report)}`,
  )
}

/** Writes report.html and report.json into a folder, each by rename. */
export async function writeReport(report: EvaluationReport, outDir: string): Promise<void> {
  await writeFiles(report, renderEvaluation(report), outDir)
}

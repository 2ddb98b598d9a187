import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { publish } from '../engine/workspace.ts'
import type { EvaluationReport } from '../schema/evaluation.ts'
import {
  alertSection,
  attackSection,
  budgetSection,
  curveSection,
  dataFooter,
  detectionSection,
  detectorSection,
  driftSection,
  explanationSection,
  injectedSection,
  sliceSection,
  timeSection,
} from './evaluation-sections.ts'
import { STYLE } from './evaluation-style.ts'
import { summary } from './evaluation-summary.ts'
import { html, raw } from './html.ts'

/** An evaluation as one HTML page that needs nothing else: style and drawings are inside, there is no script. */
export function renderEvaluation(report: EvaluationReport): string {
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Keyhound evaluation, ${report.data.from.slice(0, 10)} to ${report.data.to.slice(0, 10)}</title>
<style>${raw(STYLE)}</style></head><body>
${summary(report)}
<main>
${curveSection(report)}
${budgetSection(report)}
${attackSection(report)}
${injectedSection(report)}
${timeSection(report)}
${detectionSection(report)}
${alertSection(report)}
${explanationSection(report)}
${sliceSection(report)}
${detectorSection(report)}
${driftSection(report)}
</main>
${dataFooter(report)}
</body></html>
`.html
}

/** Writes report.html and report.json into a folder, each by rename. */
export async function writeReport(report: EvaluationReport, outDir: string): Promise<void> {
  await publish(join(outDir, 'report.json'), temporary =>
    writeFileSync(temporary, `${JSON.stringify(report, null, 2)}\n`),
  )
  await publish(join(outDir, 'report.html'), temporary => writeFileSync(temporary, renderEvaluation(report)))
}

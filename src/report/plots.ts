import { createWriteStream, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { finished } from 'node:stream/promises'
import type { Digest } from '../schema/digest.ts'
import type { EvaluationReport } from '../schema/evaluation.ts'
import type { ModelComparison } from '../schema/promotion.ts'
import { publish } from '../sql/workspace.ts'
import { type Chart, standalone } from './chart.ts'
import { alertsChart, detectionChart, precisionRecallChart, timelineChart } from './charts.ts'
import { riskShiftChart } from './comparison-charts.ts'
import { dailyAlertsChart, precisionTrendChart } from './digest-charts.ts'

export const PLOT_FORMATS = ['svg', 'png', 'pdf'] as const
export type PlotFormat = (typeof PLOT_FORMATS)[number]

export function evaluationCharts(report: EvaluationReport): Chart[] {
  return [
    precisionRecallChart(report),
    timelineChart(report),
    alertsChart(report),
    ...(report.incidents.length > 0 ? [detectionChart(report)] : []),
  ]
}

export function comparisonCharts(comparison: ModelComparison): Chart[] {
  const { gained, lost } = comparison.replay
  return gained.length + lost.length > 0 ? [riskShiftChart(comparison)] : []
}

export function digestCharts(digest: Digest): Chart[] {
  return [dailyAlertsChart(digest), ...(digest.weeks.length > 0 ? [precisionTrendChart(digest)] : [])]
}

/** Writes each chart as a file of its own, by rename, and answers the paths. `madeAt` is what a PDF says of itself. */
export async function writePlots(
  charts: readonly Chart[],
  format: PlotFormat,
  folder: string,
  madeAt: Date,
): Promise<string[]> {
  const paths: string[] = []
  for (const chart of charts) {
    const path = join(folder, `${chart.name}.${format}`)
    await publish(path, temporary => WRITERS[format](chart, temporary, madeAt))
    paths.push(path)
  }
  return paths
}

const WRITERS: Record<PlotFormat, (chart: Chart, path: string, madeAt: Date) => Promise<void>> = {
  async svg(chart, path) {
    writeFileSync(path, standalone(chart).svg)
  },
  async png(chart, path) {
    writeFileSync(path, await pngOf(chart))
  },
  pdf: writePdf,
}

/** Pixels of the picture to one of the drawing: sharp on dense screens and in slides. */
const SCALE = 2

async function pngOf(chart: Chart): Promise<Uint8Array> {
  const { Resvg } = await import('@resvg/resvg-js')
  const { svg } = standalone(chart)
  return new Resvg(svg, {
    fitTo: { mode: 'zoom', value: SCALE },
    font: { loadSystemFonts: true, defaultFontFamily: 'Liberation Sans' },
  })
    .render()
    .asPng()
}

/** Points of a PDF to one pixel of the drawing: 72 an inch, not 96. */
const POINTS = 0.75

async function writePdf(chart: Chart, path: string, madeAt: Date): Promise<void> {
  const { default: PdfDocument } = await import('pdfkit')
  const { default: svgToPdf } = await import('svg-to-pdfkit')
  const { svg, width, height } = standalone(chart)
  const document = new PdfDocument({
    size: [POINTS * width, POINTS * height],
    margin: 0,
    info: { Title: chart.title, Producer: 'Keyhound', Creator: 'Keyhound', CreationDate: madeAt },
  })
  const file = createWriteStream(path)
  document.pipe(file)
  svgToPdf(document, withoutArrows(svg), 0, 0, {
    width: POINTS * width,
    height: POINTS * height,
    // The fonts that every PDF reader has, so that none is embedded.
    fontCallback: (_family: string, bold: boolean) => (bold ? 'Helvetica-Bold' : 'Helvetica'),
  })
  document.end()
  await finished(file)
}

/** The fonts of every reader have the letters of Latin 1 and no arrows, which only repeat where an axis leads. */
function withoutArrows(svg: string): string {
  return svg.replace(/↑ | →/g, '')
}

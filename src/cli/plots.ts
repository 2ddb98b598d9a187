import { InvalidArgumentError, Option } from 'commander'
import type { Chart } from '../report/chart.ts'
import type { PlotFormat } from '../report/plots.ts'
import { parseList } from './options.ts'
import type { Shell } from './shell.ts'

const FORMATS: readonly PlotFormat[] = ['svg', 'png', 'pdf']

/** `--plots`, of commands that write a report. */
export function plotsOption(): Option {
  return new Option(
    '--plots <formats>',
    'the plots as files too, in plots/ beside the report: png, pdf, svg, or several (png,pdf)',
  ).argParser(parsePlotFormats)
}

export function parsePlotFormats(text: string): PlotFormat[] {
  const wanted = parseList(text)
  if (!wanted.every((name): name is PlotFormat => FORMATS.some(format => format === name))) {
    throw new InvalidArgumentError(`Plots come as ${FORMATS.join(', ')}, separated by commas.`)
  }
  return [...new Set(wanted)]
}

/** Writes the charts in each of the formats below `folder`/plots and answers the paths. */
export async function savePlots(
  shell: Shell,
  charts: readonly Chart[],
  formats: readonly PlotFormat[],
  folder: string,
): Promise<string[]> {
  const { writePlots } = await import('../report/plots.ts')
  const { join } = await import('node:path')
  const paths: string[] = []
  for (const format of formats)
    paths.push(...(await writePlots(charts, format, join(folder, 'plots'), shell.effects.now())))
  return paths
}

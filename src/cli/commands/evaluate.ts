import type { Moment } from '../../pipeline/moments.ts'
import type { PlotFormat } from '../../report/plots.ts'
import type { Cli } from '../cli.ts'
import { examples, MOMENT_HELP, parseBudgets, parseMoment } from '../options.ts'
import { plotsOption, savePlots } from '../plots.ts'

interface Options {
  labels: string
  out: string
  from?: Moment
  to?: Moment
  budget?: number[]
  eligible?: string
  plots?: PlotFormat[]
}

export function defineEvaluate({ program, run }: Cli): void {
  const command = program
    .command('evaluate')
    .summary('hold scores against known misuse')
    .description(
      'Compares the scores of a period with labels: precision, recall and time to detect at the number of alerts a day\n' +
        'your team can handle, beside simple baselines, with intervals. Writes report.html and report.json.\n' +
        'Labels name events (event_id, incident_id, attack_type) or intervals (token_id, start, end, incident_id, attack_type).',
    )
    .requiredOption('--labels <file>', 'known misuse: CSV, Parquet or JSONL')
    .requiredOption('-o, --out <dir>', 'folder for report.html and report.json')
    .option('--from <time>', 'evaluate from here on (default: the first hour scored)', parseMoment)
    .option('--to <time>', 'evaluate before this (default: the last hour scored)', parseMoment)
    .option(
      '--budget <list>',
      'alerts a day, separated by commas: 1,3,10 or 3/day,70/week (default: 1,3,10)',
      parseBudgets,
    )
    .option('--eligible <file>', 'only these token ids: one a line, or a file with a token_id column')
    .addOption(plotsOption())
    .addHelpText(
      'after',
      MOMENT_HELP +
        examples([
          ['One report', 'keyhound evaluate --labels incidents.csv --out report'],
          [
            'One week, for a team that can take 3 or 30 alerts a day',
            'keyhound evaluate --labels incidents.csv --from 2026-10-05 --to 2026-10-12 --budget 3,30 --out report',
          ],
          [
            'The figures alone, for a script',
            'keyhound evaluate --labels incidents.csv --out report --json | jq .rankings[0].tokenDays',
          ],
        ]),
    )
  command.action((options: Options) =>
    run(command, async shell => {
      const { evaluate } = await import('../../pipeline/evaluate.ts')
      const { timesOf } = await import('../../pipeline/moments.ts')
      const { writeReport } = await import('../../report/evaluation-html.ts')
      const { evaluationText } = await import('../evaluation-text.ts')
      const context = await shell.context({ mustExist: true })
      const report = await evaluate(context, {
        labels: shell.path(options.labels),
        ...(await timesOf(context, { from: options.from, to: options.to })),
        ...(options.budget && { budgets: options.budget }),
        ...(options.eligible && { eligibleTokens: shell.path(options.eligible) }),
      })
      const folder = shell.path(options.out)
      await writeReport(report, folder)
      if (options.plots !== undefined) {
        const { evaluationCharts } = await import('../../report/plots.ts')
        await savePlots(shell, evaluationCharts(report), options.plots, folder)
      }
      await shell.result(report, () => evaluationText(report, folder, shell.colors))
      return undefined
    }),
  )
}

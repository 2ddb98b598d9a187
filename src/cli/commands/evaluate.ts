import type { PlotFormat } from '../../report/plots.ts'
import type { Cli } from '../cli.ts'
import { examples, parseBudgets, parseTime } from '../options.ts'
import { plotsOption, savePlots } from '../plots.ts'

interface Options {
  labels: string
  out: string
  from?: Date
  to?: Date
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
    .option('--from <time>', 'evaluate from here on, UTC (default: the first hour scored)', parseTime)
    .option('--to <time>', 'evaluate before this, UTC (default: the last hour scored)', parseTime)
    .option(
      '--budget <list>',
      'alerts a day, separated by commas: 1,3,10 or 3/day,70/week (default: 1,3,10)',
      parseBudgets,
    )
    .option('--eligible <file>', 'only these token ids: one a line, or a file with a token_id column')
    .addOption(plotsOption())
    .addHelpText(
      'after',
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
      const { writeReport } = await import('../../report/evaluation-html.ts')
      const { evaluationText } = await import('../evaluation-text.ts')
      const context = await shell.context({ mustExist: true })
      const report = await evaluate(context, {
        labels: shell.path(options.labels),
        ...(options.from && { from: options.from }),
        ...(options.to && { to: options.to }),
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

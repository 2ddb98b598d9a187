import type { Change } from '../../schema/change.ts'
import type { Cli } from '../cli.ts'
import { examples, parseOneBudget, parseTime } from '../options.ts'

interface Options {
  change?: string
  budget?: number
  from?: Date
  to?: Date
  labels?: string
  apply?: boolean
  acceptLost?: boolean
}

export function defineReplay({ program, run }: Cli): void {
  const command = program
    .command('replay')
    .summary('what a change would have done to the stored history')
    .description(
      'Scores the stored history twice, as it was and with a change, and shows the difference: alerts gained and lost, known\n' +
        'incidents lost, analyst hours. Nothing is published. A change file is JSON with any of: budget ("10/day") or\n' +
        'scoreThreshold or riskThreshold; suppressions {add: [{tokenId, reasonCode..., because}], remove: [1]};\n' +
        'features {leaveOut: [names or groups]}; entity ("principal"); model ("default@2"); config {...}; retrain (true).',
    )
    .option('--change <file>', 'the change to try, JSON')
    .option(
      '--budget <rate>',
      "another alert budget: 10/day, 70/week; alone, or instead of the file's",
      parseOneBudget,
    )
    .option('--from <time>', 'from here on, UTC (default: the first hour scored)', parseTime)
    .option('--to <time>', 'before this, UTC (default: the last hour scored)', parseTime)
    .option('--labels <file>', 'known misuse (default: alerts that were judged true_positive)')
    .option(
      '--apply',
      'apply the change after showing it: suppressions, and the budget into the --config file',
    )
    .option('--accept-lost', 'apply even though known incidents are lost')
    .addHelpText(
      'after',
      examples([
        ['What three alerts a day would miss', 'keyhound replay --budget 3/day --labels incidents.csv'],
        [
          'A week with another model: {"model": "default@2"}',
          'keyhound replay --change model.json --from 2026-10-05 --to 2026-10-12',
        ],
        [
          'A suppression, tried and then made: {"suppressions": {"add": [{"principalId": "svc-etl", "because": "move"}]}}',
          'keyhound replay --change move.json && keyhound replay --change move.json --apply',
        ],
      ]),
    )
  command.action((options: Options) =>
    run(command, async shell => {
      const { replay } = await import('../../pipeline/replay.ts')
      const { applyChange, checkApplicable } = await import('../../pipeline/apply-change.ts')
      const { replayText } = await import('../replay-text.ts')
      const { KeyhoundError } = await import('../../lib/errors.ts')
      const change = await readChange(
        options.change === undefined ? undefined : shell.path(options.change),
        options.budget,
      )
      const { config } = command.optsWithGlobals<{ config?: string }>()
      const configFile = config === undefined ? undefined : shell.path(config)
      if (options.apply) checkApplicable(change, configFile)
      else if (options.acceptLost)
        throw new KeyhoundError('usage', '--accept-lost says something only with --apply')
      const context = await shell.context({ mustExist: true })
      const owner = shell.effects.user
      const report = await replay(context, {
        change,
        scratch: shell.scratch(),
        owner,
        ...(options.from && { from: options.from }),
        ...(options.to && { to: options.to }),
        ...(options.labels && { labels: shell.path(options.labels) }),
      })
      await shell.result(report, () => replayText(report, shell.colors))
      if (!options.apply) return undefined
      const acceptLost = options.acceptLost ?? false
      for (const line of await applyChange(context, report, { configFile, owner, acceptLost }))
        shell.note(`applied: ${line}`)
      return undefined
    }),
  )
}

/** The change of the file, the option, or both: the option's budget stands instead of whatever the file says of one. */
async function readChange(file: string | undefined, budget: number | undefined): Promise<Change> {
  const { KeyhoundError } = await import('../../lib/errors.ts')
  const { loadChange } = await import('../../schema/change.ts')
  if (file === undefined) {
    if (budget !== undefined) return { budget }
    throw new KeyhoundError('usage', 'say what to try: --change FILE, --budget RATE, or both')
  }
  const result = loadChange(file)
  if (!result.ok) {
    const problems = result.problems.map(({ path, problem }) =>
      path === '' ? problem : `${path}: ${problem}`,
    )
    throw new KeyhoundError('bad-input', `${file}: ${problems.join('; ')}`, { where: file })
  }
  if (budget === undefined) return result.change
  const { scoreThreshold: _, riskThreshold: __, ...rest } = result.change
  return { ...rest, budget }
}

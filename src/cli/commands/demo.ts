import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Cli } from '../cli.ts'
import { number, percent } from '../format.ts'
import { examples, parseCount } from '../options.ts'

interface Options {
  seed?: number
  tokens?: number
  events?: number
}

export function defineDemo({ program, run }: Cli): void {
  const command = program
    .command('demo')
    .summary('the whole road on simulated logs, to a report')
    .description(
      'Simulates five weeks of API logs with attacks hidden in them, then ingests, trains, scores and evaluates, and prints\n' +
        'what was found and where the report lies. Works in a scratch folder, or in --workspace to keep playing there.\n' +
        'Takes a minute or two.',
    )
    .option('--seed <n>', 'seed of logs and models', parseCount(0, 2 ** 32 - 1))
    .option('--tokens <n>', 'tokens in use', parseCount(20, 100_000))
    .option('--events <n>', 'about how many events', parseCount(10_000, 100_000_000))
    .addHelpText(
      'after',
      examples([
        ['See it work', 'keyhound demo'],
        ['Keep what it made, and look around', 'keyhound demo -w demo && keyhound alerts list -w demo'],
        ['Another world', 'keyhound demo --seed 2'],
      ]),
    )
  command.action((options: Options) =>
    run(command, async shell => {
      const { demo, demoLogs } = await import('../../pipeline/demo.ts')
      const { writeReport } = await import('../../report/evaluation-html.ts')
      const { budgetTable, rankingTable } = await import('../evaluation-text.ts')
      const { headlineOf } = await import('../../report/charts.ts')
      const isNamed = command.optsWithGlobals<{ workspace: string }>().workspace !== '.'
      const context = await shell.context({
        workspace: isNamed ? (await shell.workspace()).root : mkdtempSync(join(tmpdir(), 'keyhound-demo-')),
      })
      const startedAt = shell.effects.now().getTime()
      const seconds = () => (shell.effects.now().getTime() - startedAt) / 1000
      const { tokens, events } = options
      const summary = await demo(
        context,
        { seed: options.seed ?? context.config.seed, logs: demoLogs(context.workspace), tokens, events },
        step => shell.note(`${number(seconds(), 1).padStart(6)} s  ${step}`),
      )
      const folder = join(context.workspace.root, 'report')
      await writeReport(summary.evaluation, folder)
      shell.note(`${number(seconds(), 1).padStart(6)} s  done`)

      const { evaluation } = summary
      const report = join(folder, 'report.html')
      const base = headlineOf(evaluation).tokenDays.baseRate
      await shell.result({ ...summary, workspace: context.workspace.root, report, seconds: seconds() }, () =>
        [
          `${number(evaluation.data.events)} events of ${number(evaluation.data.tokens)} tokens in the week evaluated; ` +
            `${number(evaluation.data.incidents)} incidents hidden in it (base rate ${percent(base, 2)} of token-days)`,
          rankingTable(evaluation, shell.colors),
          budgetTable(evaluation, shell.colors),
          `look around: keyhound alerts list --workspace ${context.workspace.root}\nreport: ${report}`,
        ].join('\n\n'),
      )
      return undefined
    }),
  )
}

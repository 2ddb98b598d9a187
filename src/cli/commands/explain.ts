import type { Cli } from '../cli.ts'
import { facts } from '../format.ts'
import { examples, parseTime } from '../options.ts'

export function defineExplain({ program, run }: Cli): void {
  const command = program
    .command('explain')
    .summary('why a token-hour got its score')
    .description(
      'Shows a token in one hour: its score, every detector, and each reason with what was seen beside what is usual for\n' +
        'the token itself, its peers and its tenant.',
    )
    .argument('<token>', 'token id, as in alerts and scores (raw tokens: see keyhound hash)')
    .argument('<window>', 'any moment in the hour, UTC: 2026-10-05T13:00', parseTime)
    .addHelpText(
      'after',
      examples([
        ['One hour of one token', 'keyhound explain tok_0042 2026-10-05T13:00'],
        [
          'Find the hour first',
          'keyhound query "select window_start, score from scores where token_id = \'tok_0042\' order by score desc limit 5"',
        ],
        ['Every number behind it', 'keyhound explain tok_0042 2026-10-05T13:00 --json'],
      ]),
    )
  command.action((tokenId: string, window: Date) =>
    run(command, async shell => {
      const { explain } = await import('../../pipeline/explain.ts')
      const context = await shell.context({ mustExist: true })
      const explanation = await explain(context, { tokenId, window })
      await shell.result(explanation, () =>
        facts(
          Object.entries(explanation).map(([k, v]) => [k, String(v)]),
          shell.colors,
        ),
      )
      return undefined
    }),
  )
}

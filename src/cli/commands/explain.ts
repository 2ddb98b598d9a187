import type { ExampleEvent } from '../../pipeline/example-events.ts'
import type { Explanation } from '../../pipeline/explain.ts'
import type { Cli } from '../cli.ts'
import { facts, minute, number, percent, printable, severity, table } from '../format.ts'
import { examples, parseTime } from '../options.ts'
import { reasonsText } from '../reason-text.ts'
import type { Shell } from '../shell.ts'

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
    .option('--events', 'show the events that each reason names')
    .option('--tenant <id>', 'tenant of the token, where several have one of that name')
    .addHelpText(
      'after',
      examples([
        ['One hour of one token', 'keyhound explain tok_0042 2026-10-05T13:00'],
        [
          'Find the hour first',
          'keyhound query "select window_start, score from scores where token_id = \'tok_0042\' order by score desc limit 5"',
        ],
        ['With the events that show each reason', 'keyhound explain tok_0042 2026-10-05T13:00 --events'],
        ['Every number behind it', 'keyhound explain tok_0042 2026-10-05T13:00 --json'],
      ]),
    )
  command.action((tokenId: string, window: Date, options: { tenant?: string; events?: boolean }) =>
    run(command, async shell => {
      const { explain } = await import('../../pipeline/explain.ts')
      const context = await shell.context({ mustExist: true })
      const explanation = await explain(context, {
        tokenId,
        window,
        ...(options.tenant && { tenantId: options.tenant }),
      })
      if (!options.events) {
        await shell.result(explanation, () => explanationText(explanation, shell.colors))
        return undefined
      }
      const { readEvents } = await import('../../pipeline/example-events.ts')
      const named = explanation.reasons.flatMap(reason => reason.events ?? [])
      const day = explanation.windowStart.toISOString().slice(0, 10)
      const events = await readEvents(context, [day], explanation.tenantId, named)
      await shell.result({ ...explanation, events: [...events.values()] }, () =>
        explanationText(explanation, shell.colors, events),
      )
      return undefined
    }),
  )
}

/** Whether the model that scored the hour still says the same of it, and if not, why. */
function recomputedText({ recomputed }: Explanation): string {
  const { isExact, changed, score, risk } = recomputed
  const because = changed === null ? '' : `: ${changed}`
  if (isExact) return `exactly the same${because}`
  return `differs: score ${number(score, 2)}, risk ${number(risk, 1)}${because === '' ? ': alerts or verdicts before it changed' : because}. Reasons are of today's features`
}

function explanationText(
  one: Explanation,
  colors: Shell['colors'],
  events?: ReadonlyMap<string, ExampleEvent>,
): string {
  const head = facts(
    [
      ['token', printable(one.tokenId)],
      ['principal', printable(one.principalId)],
      ['tenant', printable(one.tenantId)],
      ['hour', `${minute(one.windowStart)} UTC`],
      ['score', number(one.score, 2)],
      ['risk', `${number(one.risk, 1)} of 100, ${severity(one.severity, colors)}`],
      ['history behind it', percent(one.maturity, 0)],
      ['worth an analyst', percent(one.filterProbability, 0)],
      ['model', `${one.model}, content ${one.contentId}`],
      ['worked out again', recomputedText(one)],
    ],
    colors,
  )
  // Surprise in nats: 4.6 is what one token-hour in a hundred shows, 6.9 one in a thousand.
  const detectors = table(
    ['detector', { name: 'surprise (nats)', align: 'right' }],
    one.detectors.map(({ detector, nats }) => [detector, number(nats, 2)]),
    colors,
  )
  return [head, reasonsText(one.reasons, colors, events), detectors].join('\n\n')
}

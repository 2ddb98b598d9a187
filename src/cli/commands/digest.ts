import type { PlotFormat } from '../../report/plots.ts'
import type { Digest } from '../../schema/digest.ts'
import type { Cli } from '../cli.ts'
import { number, percent, printable, severity, table } from '../format.ts'
import { examples, parseTime } from '../options.ts'
import { outsideOf } from '../outside.ts'
import { plotsOption, savePlots } from '../plots.ts'
import type { Shell } from '../shell.ts'

interface Options {
  week?: string
  from?: Date
  to?: Date
  out?: string
  plots?: PlotFormat[]
  mail?: string
}

/** Incidents listed on a terminal; the report has more, --json all. */
const LISTED = 10

export function defineDigest({ program, run }: Cli): void {
  const command = program
    .command('digest')
    .summary('a week on one page')
    .description(
      'Gathers what happened in a week: incidents with their story and where they stand, alerts a day beside the budget,\n' +
        'precision from verdicts with its interval, what filter and suppressions held back and what that may hide, tokens at\n' +
        'risk, actions taken, runs, data and drift, beside the week before. Writes report.html and report.json with --out; the\n' +
        'page is one file that needs nothing else. Nothing in the workspace is changed.',
    )
    .option('--week <week>', 'ISO week, 2026-W41, or a day of it (default: the last week that has ended)')
    .option('--from <day>', 'from this UTC day on, instead of a week', parseTime)
    .option('--to <day>', 'before this UTC day', parseTime)
    .option('-o, --out <dir>', 'folder for report.html and report.json')
    .addOption(plotsOption())
    .option('--mail <sink>', 'send it through this e-mail sink of the configuration, the page attached')
    .addHelpText(
      'after',
      examples([
        ['Last week, to look at', 'keyhound digest'],
        ['A certain week, to send on', 'keyhound digest --week 2026-W41 --out digest'],
        ['Every Monday morning, from cron', 'keyhound digest --mail leads --config keyhound.json'],
        [
          'A month, with its plots for slides',
          'keyhound digest --from 2026-10-01 --to 2026-11-01 --out october --plots png',
        ],
      ]),
    )
  command.action((options: Options) =>
    run(command, async shell => {
      const { KeyhoundError } = await import('../../lib/errors.ts')
      const { digest } = await import('../../pipeline/digest/digest.ts')
      const { writeDigest } = await import('../../report/digest-html.ts')
      const { week, from, to, out, plots, mail } = options
      if (plots !== undefined && out === undefined)
        throw new KeyhoundError('usage', '--plots writes beside the report: name its folder with --out')
      const context = await shell.context({ mustExist: true })
      const found = await digest(context, {
        ...(week !== undefined && { week }),
        ...(from && { from }),
        ...(to && { to }),
      })
      if (out !== undefined) {
        await writeDigest(found, shell.path(out))
        if (plots !== undefined) {
          const { digestCharts } = await import('../../report/plots.ts')
          await savePlots(shell, digestCharts(found), plots, shell.path(out))
        }
      }
      if (mail !== undefined) await mailDigest(shell, found, mail, program.version() ?? 'unknown')
      const wrote = out === undefined ? [] : [`report: ${shell.path(out)}/report.html`]
      const sent = mail === undefined ? [] : [`sent through ${mail}`]
      await shell.result(found, () => [digestText(found, shell.colors), ...wrote, ...sent].join('\n\n'))
      return undefined
    }),
  )
}

async function mailDigest(shell: Shell, digest: Digest, sink: string, version: string): Promise<void> {
  const { KeyhoundError } = await import('../../lib/errors.ts')
  const { sendPage } = await import('../../respond/send-page.ts')
  const { digestTitle } = await import('../../report/digest-summary.ts')
  const { renderDigest } = await import('../../report/digest-html.ts')
  const { default: pc } = await import('picocolors')
  const { sinks } = await shell.config()
  const config = sinks.find(one => one.name === sink)
  if (config?.kind !== 'email') {
    const known = sinks.filter(one => one.kind === 'email').map(one => one.name)
    throw new KeyhoundError(
      'usage',
      `${sink} is no e-mail sink of the configuration; ${known.length === 0 ? 'there is none' : `there are: ${known.join(', ')}`}`,
    )
  }
  const period = digest.week ?? digest.from.slice(0, 10)
  const outcome = await sendPage(config, await outsideOf(shell, version), {
    // One digest of one period has one id: programs that look for doubles find a second sending of it by this.
    id: `digest-${period}-${digest.createdAt.replace(/\W/g, '')}`,
    thread: `digest-${period}`,
    subject: `Keyhound ${period}: ${digestTitle(digest)}`,
    text: digestText(digest, pc.createColors(false)),
    name: `keyhound-${period}.html`,
    page: renderDigest(digest),
  })
  if (!outcome.ok) throw new KeyhoundError('unavailable', `the digest was not sent: ${outcome.error}`)
}

/** For people who read text: the first screen of the page, and the incidents. */
export function digestText(digest: Digest, colors: Shell['colors']): string {
  const { alerts, before, incidents, filter, data, model, notes } = digest
  const was = (text: string) => (before === null ? '' : colors.dim(` (before: ${text})`))
  const interval = ({ value, low, high }: Digest['alerts']['precision']) =>
    value === null ? 'not known' : `${percent(value, 0)} (${number(100 * low!)}-${number(100 * high!)})`
  const lines: [string, string][] = [
    [
      'period',
      `${digest.from.slice(0, 10)} to ${digest.to.slice(0, 10)} UTC${digest.week === null ? '' : `, ${digest.week}`}`,
    ],
    [
      'incidents',
      `${number(incidents.length)}, ${number(incidents.filter(one => one.stand === 'confirmed').length)} confirmed, ${number(incidents.filter(one => one.stand === 'open').length)} open`,
    ],
    [
      'alerts a day',
      `${number(alerts.alertsPerDay, 1)} of ${number(digest.budgetPerDay, 1)} in the budget${was(number(before?.alertsPerDay, 1))}`,
    ],
    ['precision', `${interval(alerts.precision)}${was(before === null ? '' : interval(before.precision))}`],
    ['not judged', `${number(alerts.unjudged)} of ${number(alerts.alerts)}`],
    [
      'held back',
      `${number(alerts.suppressed)}${filter === null || filter.heldBack === 0 ? '' : `; of all by the filter at most ${number(filter.missedBound)} of ${number(filter.heldBack)} may be misuse`}`,
    ],
    [
      'data',
      `${number(data.events)} events, ${number(digest.days - data.unscoredDays.length)} of ${number(digest.days)} days scored`,
    ],
    [
      'model',
      model === null
        ? 'none'
        : `${model.model}${model.drift === null ? '' : `, drift ${number(model.drift.weighted, 2)} of ${number(model.drift.warnAbove, 2)}`}`,
    ],
  ]
  const facts = lines.map(([name, text]) => `${colors.dim(name.padEnd(13))}${text}`).join('\n')
  const list = table(
    ['incident', 'began (UTC)', 'severity', { name: 'risk', align: 'right' }, 'stands', 'what'],
    incidents
      .slice(0, LISTED)
      .map(one => [
        one.incidentId,
        one.firstSeen.slice(0, 16).replace('T', ' '),
        severity(one.severity, colors),
        number(one.risk),
        one.stand,
        printable(one.title),
      ]),
    colors,
  )
  const more =
    incidents.length > LISTED ? [`and ${number(incidents.length - LISTED)} more: --json or the report`] : []
  return [
    facts,
    ...(incidents.length > 0 ? [[list, ...more].join('\n')] : []),
    ...(notes.length > 0 ? [notes.map(note => `note: ${printable(note)}`).join('\n')] : []),
  ].join('\n\n')
}

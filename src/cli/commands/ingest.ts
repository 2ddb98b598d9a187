import type { IngestSummary } from '../../pipeline/ingest.ts'
import type { Cli } from '../cli.ts'
import { facts, minute, number, printable, table } from '../format.ts'
import { choice, examples, waitOption } from '../options.ts'
import type { Shell } from '../shell.ts'

const SOURCES = [
  'auto',
  'generic',
  'cloudtrail',
  'combined',
  'nginx',
  'aws-api-gateway',
  'github-audit',
  'ocsf',
] as const

/** Files listed one by one; more are only counted. */
const LISTED_FILES = 20

interface Options {
  wait?: number
  source: (typeof SOURCES)[number]
  map?: string
  inventory?: string
  tokens?: 'secret' | 'identifier'
  mmdb?: string[]
  networkTypes?: string
  newOnly?: boolean
}

export function defineIngest({ program, run }: Cli): void {
  const command = program
    .command('ingest')
    .summary('read API logs into the workspace')
    .description(
      'Reads logs into normalised events: Parquet, Arrow IPC, CSV, JSON and JSON lines, each also .gz or .zst; files,\n' +
        'folders and globs. The same event twice adds nothing. Rows that cannot be used are kept in data/rejects with file,\n' +
        'row and reason, and counted. Tokens are secrets unless you say otherwise: only a keyed hash of them is stored.',
    )
    .argument('<path...>', 'files, folders or quoted globs')
    .addOption(choice('--source <name>', 'log format', SOURCES, 'auto'))
    .option('--map <file>', 'JSON that maps your column names to ours, where they are not recognised')
    .option(
      '--inventory <file>',
      'what is known of each token: token_id, user_id, tenant_id, role, scopes...',
    )
    .addOption(
      choice('--tokens <kind>', 'secret: hash token ids; identifier: keep them, they are no secrets', [
        'secret',
        'identifier',
      ]),
    )
    .option(
      '--network-types <file>',
      'CSV of asn,network_type: hosting, vpn, tor, mobile, residential, business',
    )
    .option('--new-only', 'leave out files that were read before and have not changed since')
    .option('--mmdb <file...>', 'your MaxMind-format databases, for network and place of addresses')
    .addOption(waitOption())
    .addHelpText(
      'after',
      examples([
        ['A folder of anything recognisable', 'keyhound ingest logs/'],
        [
          'Ids that are no secrets (hashed upstream, key ids), with roles and scopes from a list',
          'keyhound ingest events.csv --inventory tokens.csv --tokens identifier',
        ],
        ['By the clock: only what is new in a folder', 'keyhound ingest /var/log/api --new-only'],
        [
          'CloudTrail as AWS delivers it, with countries and networks from your own databases',
          'keyhound ingest "AWSLogs/**/*.json.gz" --source cloudtrail --mmdb GeoLite2-City.mmdb GeoLite2-ASN.mmdb',
        ],
      ]),
    )
  command.action((paths: string[], options: Options) =>
    run(command, async shell => {
      const { ingest } = await import('../../pipeline/ingest.ts')
      const context = await shell.context(options.wait === undefined ? {} : { wait: options.wait })
      const show = (summary: IngestSummary) => shell.result(summary, () => ingestText(summary, shell.colors))
      try {
        const summary = await ingest(context, {
          // As written: rejects name files the way the user does.
          paths,
          // An nginx log in its default form is the combined log format of Apache.
          source: options.source === 'combined' ? 'nginx' : options.source,
          ...(options.tokens && { tokens: options.tokens }),
          ...(options.newOnly && { newOnly: true }),
          ...(options.map && { map: shell.path(options.map) }),
          ...(options.inventory && { inventory: shell.path(options.inventory) }),
          ...(options.networkTypes && { networkTypes: shell.path(options.networkTypes) }),
          ...(options.mmdb && { mmdb: options.mmdb.map(shell.path) }),
        })
        await show(summary)
      } catch (error) {
        // Some files could not be used, the others were kept; under --json the error itself carries the summary.
        if (!shell.json && error instanceof Error && 'summary' in error)
          await show(error.summary as IngestSummary)
        throw error
      }
      return undefined
    }),
  )
}

function ingestText(summary: IngestSummary, colors: Shell['colors']): string {
  const files = table(
    [
      'file',
      'source',
      'format',
      { name: 'rows', align: 'right' },
      { name: 'added', align: 'right' },
      { name: 'known', align: 'right' },
      { name: 'rejected', align: 'right' },
    ],
    summary.files
      .slice(0, LISTED_FILES)
      .map(file => [
        printable(file.path),
        file.source,
        file.format,
        number(file.rows),
        number(file.accepted),
        number(file.duplicates),
        number(file.rejected),
      ]),
    colors,
  )
  const more = summary.files.length - LISTED_FILES
  const rejects = Object.entries(summary.rejectsByReason).map(
    ([reason, count]) => [`rejected, ${printable(reason)}`, number(count)] as const,
  )
  const period =
    summary.firstTime === null || summary.lastTime === null
      ? '-'
      : `${minute(summary.firstTime)} to ${minute(summary.lastTime)} UTC`
  const total = facts(
    [
      ['events added', `${number(summary.added)} of ${number(summary.read)} read`],
      ['already known', number(summary.duplicates)],
      ['rejected', number(summary.rejected)],
      ...rejects,
      ['late', `${number(summary.late)} (older than what was stored)`],
      ['out of order', number(summary.outOfOrder)],
      ['tokens', number(summary.tokens)],
      ['period', period],
    ],
    colors,
  )
  return [files, ...(more > 0 ? [`... and ${number(more)} more files`] : []), '', total].join('\n')
}

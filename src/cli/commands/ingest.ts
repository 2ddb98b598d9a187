import { type Command, Option } from 'commander'
import { SOURCE_NAMES } from '../../ingest/source.ts'
import type { IngestOptions, IngestSummary } from '../../pipeline/ingest.ts'
import type { Cli } from '../cli.ts'
import { facts, minute, number, printable, table } from '../format.ts'
import { choice, examples, waitOption } from '../options.ts'
import type { Shell } from '../shell.ts'

const SOURCES: readonly string[] = ['auto', ...SOURCE_NAMES]

/** Files listed one by one; more are only counted. */
const LISTED_FILES = 20

/** What `ingest` and `run` are told of the logs they read. */
export interface IngestFlags {
  source: string
  map?: string
  format?: string
  inventory?: string
  tokens?: 'secret' | 'identifier'
  tenant?: string
  mmdb?: string[]
  networkTypes?: string
  newOnly?: boolean
  accept?: string[]
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
  addIngestOptions(command)
    .addOption(
      new Option(
        '--dry-run',
        'store nothing: show what each column is taken for, the counts, and three rows as they would be stored',
      ).conflicts('newOnly'),
    )
    .addOption(waitOption())
    .addHelpText(
      'after',
      examples([
        ['A folder of anything recognisable', 'keyhound ingest logs/'],
        [
          'First a look: which column is taken for what, and what would be stored',
          'keyhound ingest logs/ --dry-run',
        ],
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
  command.action((paths: string[], options: IngestFlags & { wait?: number; dryRun?: boolean }) =>
    run(command, async shell => {
      if (options.dryRun) return showDryRun(shell, ingestOptionsOf(shell, paths, options))
      const { ingest } = await import('../../pipeline/ingest.ts')
      const context = await shell.context(options.wait === undefined ? {} : { wait: options.wait })
      try {
        const summary = await ingest(context, ingestOptionsOf(shell, paths, options))
        await shell.result(summary, () => ingestText(summary, shell.colors))
      } catch (error) {
        await showKept(shell, error)
        throw error
      }
      return undefined
    }),
  )
}

/** Shows what an ingest would do; fails as it would. Under --json the error carries what was found until then. */
async function showDryRun(shell: Shell, options: IngestOptions): Promise<undefined> {
  const { dryRunIngest } = await import('../../pipeline/dry-run.ts')
  const { dryRunText } = await import('../dry-run-text.ts')
  const { report, error } = await dryRunIngest(await shell.context(), options, shell.scratch())
  if (error === null || !shell.json) await shell.result(report, () => dryRunText(report, shell.colors))
  if (error !== null) throw Object.assign(error, { summary: report })
}

/** The options that say how logs are understood. */
export function addIngestOptions(command: Command): Command {
  return command
    .addOption(choice('--source <name>', 'log format', SOURCES, 'auto'))
    .option(
      '--format <form>',
      "form of text logs: nginx's log_format or Apache's LogFormat, '$remote_addr - $remote_user [$time_local] ...'",
    )
    .option(
      '--map <file>',
      'JSON that says where each event column comes from, where it is not recognised (docs/mapping.md)',
    )
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
    .option('--tenant <id>', 'every event is of this tenant; those that name another are rejected')
    .option(
      '--network-types <file>',
      'CSV of asn,network_type: hosting, vpn, tor, mobile, residential, business',
    )
    .option(
      '--accept <check...>',
      'go on although a check of the outcome says that detection would mean nothing: token-per-row, midnight...',
    )
    .option('--new-only', 'leave out files that were read before and have not changed since')
    .option('--mmdb <file...>', 'your MaxMind-format databases, for network and place of addresses')
}

export function ingestOptionsOf(shell: Shell, paths: readonly string[], flags: IngestFlags): IngestOptions {
  return {
    // As written: rejects name files the way the user does.
    paths,
    // An nginx log in its default form is the combined log format of Apache.
    source: flags.source === 'combined' ? 'nginx' : flags.source,
    ...(flags.tokens && { tokens: flags.tokens }),
    ...(flags.tenant !== undefined && { tenant: flags.tenant }),
    ...(flags.newOnly && { newOnly: true }),
    ...(flags.accept && { accept: flags.accept }),
    ...(flags.format !== undefined && { format: flags.format }),
    ...(flags.map && { map: shell.path(flags.map) }),
    ...(flags.inventory && { inventory: shell.path(flags.inventory) }),
    ...(flags.networkTypes && { networkTypes: shell.path(flags.networkTypes) }),
    ...(flags.mmdb && { mmdb: flags.mmdb.map(shell.path) }),
  }
}

/** Where some files could not be used: what was kept of the others. Under --json the error itself carries it. */
export async function showKept(shell: Shell, error: unknown): Promise<void> {
  if (shell.json || !(error instanceof Error && 'summary' in error)) return
  const summary = error.summary as IngestSummary
  await shell.result(summary, () => ingestText(summary, shell.colors))
}

export function ingestText(summary: IngestSummary, colors: Shell['colors']): string {
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

import type { Cli } from '../cli.ts'
import { facts, number, table } from '../format.ts'
import { choice, examples } from '../options.ts'

interface Options {
  source?: string
  map?: string
  inventory?: string
  tokens?: 'secret' | 'identifier'
  mmdb?: string[]
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
    .option(
      '--source <name>',
      'log format: generic, cloudtrail, combined, nginx, aws-api-gateway, github-audit, ocsf (default: auto)',
    )
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
    .option('--mmdb <file...>', 'your MaxMind-format databases, for network and place of addresses')
    .addHelpText(
      'after',
      examples([
        ['A folder of anything recognisable', 'keyhound ingest logs/'],
        [
          'Ids that are no secrets (hashed upstream, key ids), with roles and scopes from a list',
          'keyhound ingest events.csv --inventory tokens.csv --tokens identifier',
        ],
        [
          'CloudTrail as AWS delivers it, with countries and networks from your own databases',
          'keyhound ingest "AWSLogs/**/*.json.gz" --source cloudtrail --mmdb GeoLite2-City.mmdb GeoLite2-ASN.mmdb',
        ],
      ]),
    )
  command.action((paths: string[], options: Options) =>
    run(command, async shell => {
      const { ingest } = await import('../../pipeline/ingest.ts')
      const context = await shell.context()
      const summary = await ingest(context, {
        paths: paths.map(shell.path),
        ...(options.source !== undefined && options.source !== 'auto' && { source: options.source }),
        ...(options.tokens && { tokens: options.tokens }),
        ...(options.map && { map: shell.path(options.map) }),
        ...(options.inventory && { inventory: shell.path(options.inventory) }),
        ...(options.mmdb && { mmdb: options.mmdb.map(shell.path) }),
      })
      await shell.result(summary, () => JSON.stringify(summary))
      return undefined
    }),
  )
  void facts
  void number
  void table
}

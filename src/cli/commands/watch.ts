import { InvalidArgumentError, Option } from 'commander'
import { KeyhoundError } from '../../lib/errors.ts'
import type { Context } from '../../pipeline/context.ts'
import type { WatchSummary } from '../../pipeline/watch.ts'
import type { OpenSource } from '../../streams/source.ts'
import type { Cli } from '../cli.ts'
import { facts, number } from '../format.ts'
import { choice, examples, parseCount, parseList } from '../options.ts'
import { deliveryOptionsOf } from '../outside.ts'
import type { Shell } from '../shell.ts'
import type { Options } from './watch/options.ts'
import { openHttp, openKafka, openNats } from './watch/sources.ts'

const FORMATS = [
  'auto',
  'generic',
  'cloudtrail',
  'nginx',
  'combined',
  'aws-api-gateway',
  'github-audit',
  'ocsf',
]

/** `keyhound watch`: live, in batches of seconds. */
export function defineWatch({ program, run }: Cli): void {
  const command = program
    .command('watch')
    .summary('ingest, score and alert live, in batches of seconds')
    .description(
      'Reads events as they come, spools them, ingests and scores the hours that they touch, the unfinished one included, and\n' +
        'publishes alerts, until it is told to stop (SIGTERM, Ctrl-C): then the batch at hand is finished first. It needs a\n' +
        'trained model.\n' +
        '\n' +
        'A kill at any point loses nothing and doubles nothing: batches lie in data/spool until their events are published, the source\n' +
        'is told only then how far it was read, and the same event twice adds nothing. While the spool is full the source is not read\n' +
        '(HTTP senders get 429 with Retry-After). Scheduled jobs may run beside it; a second watcher of a workspace may not.\n' +
        '\n' +
        '  file   lines appended to files, through rotation by renaming and by cutting\n' +
        '  http   POST /v1/events with NDJSON or a JSON list, and an API key of the role scorer or admin; 202 once it is on disk\n' +
        '  nats   a JetStream stream through a durable pull consumer; KEYHOUND_NATS_TOKEN, or KEYHOUND_NATS_USER and _PASSWORD\n' +
        '  kafka  topics as a consumer group; KEYHOUND_KAFKA_USER and KEYHOUND_KAFKA_PASSWORD with --sasl',
    )
    .addOption(
      choice('--from <kind>', 'where events come from', [
        'file',
        'http',
        'nats',
        'kafka',
      ]).makeOptionMandatory(),
    )
    .option('--path <path...>', 'file: files, folders, or quoted names with *')
    .addOption(
      choice(
        '--start <where>',
        'file: where to begin in files never watched before',
        ['begin', 'end'],
        'begin',
      ),
    )
    .option('--listen <host:port>', 'http: where to listen', '127.0.0.1:8787')
    .option('--url <url>', 'nats: server, nats://host:4222 or tls://')
    .option('--stream <name>', 'nats: JetStream stream')
    .option('--durable <name>', 'nats: consumer, made where there is none', 'keyhound')
    .option('--subject <subject>', 'nats: only this subject of the stream')
    .option('--brokers <list>', 'kafka: host:port, separated by commas', parseList)
    .option('--topics <list>', 'kafka: topics, separated by commas', parseList)
    .option('--group <name>', 'kafka: consumer group', 'keyhound')
    .option('--ssl', 'kafka: encrypted')
    .addOption(
      choice('--sasl <mechanism>', 'kafka: how to log in', ['plain', 'scram-sha-256', 'scram-sha-512']),
    )
    .addOption(durationOption('--every <time>', 'least time from batch to batch').default(5000, '5s'))
    .option('--most-events <n>', 'events read at once at most', parseCount(1))
    .option(
      '--spool-mb <n>',
      'the source is not read while the spool holds more',
      parseCount(1, 1_000_000),
      256,
    )
    .addOption(durationOption('--until-idle <time>', 'end once nothing came for so long'))
    .addOption(choice('--format <name>', 'log format, as --source of ingest', FORMATS, 'auto'))
    .addOption(choice('--tokens <kind>', 'as of ingest', ['secret', 'identifier']))
    .option('--map <file>', 'as of ingest: JSON that maps your column names to ours')
    .option('--mmdb <file...>', 'as of ingest: your MaxMind-format databases')
    .option('--network-types <file>', 'as of ingest: CSV of asn,network_type')
    .option(
      '--deliver',
      'tell the sinks of the configuration after each batch, as `keyhound sinks deliver` does',
    )
    .option('--model <name>', 'name, or name@version')
    .addHelpText(
      'after',
      examples([
        [
          'What a gateway appends to its log',
          'keyhound watch --from file --path /var/log/gateway/access.jsonl',
        ],
        [
          'What senders push: make a key for them first',
          'keyhound keys create gateway --role scorer && keyhound watch --from http --listen 0.0.0.0:8787',
        ],
        ['A stream', 'keyhound watch --from nats --url nats://127.0.0.1:4222 --stream api-logs'],
        ['Topics', 'keyhound watch --from kafka --brokers kafka-1:9092,kafka-2:9092 --topics api-logs'],
        [
          'A file worked through as if it came live, then the end',
          'keyhound watch --from file --path day.jsonl --every 1s --until-idle 2s',
        ],
      ]),
    )
  command.action((options: Options) =>
    run(command, async shell => {
      const { watch } = await import('../../pipeline/watch.ts')
      const context = await shell.context({ mustExist: true })
      const open = await opener(options, shell)
      const deliver = options.deliver ? await deliverer(shell, program.version() ?? 'unknown') : undefined
      const stop = new AbortController()
      shell.effects.stopSignal().then(() => {
        shell.note('stopping; the batch at hand is finished first')
        stop.abort()
      })
      const summary = await watch(context, {
        open,
        everyMs: options.every,
        spoolBytes: options.spoolMb * 1024 * 1024,
        signal: stop.signal,
        ...(deliver && { deliver }),
        ...(options.mostEvents !== undefined && { mostEvents: options.mostEvents }),
        ...(options.untilIdle !== undefined && { untilIdleMs: options.untilIdle }),
        ...(options.model !== undefined && { model: options.model }),
        ingest: {
          source: options.format === 'combined' ? 'nginx' : options.format,
          ...(options.tokens && { tokens: options.tokens }),
          ...(options.map && { map: shell.path(options.map) }),
          ...(options.networkTypes && { networkTypes: shell.path(options.networkTypes) }),
          ...(options.mmdb && { mmdb: options.mmdb.map(shell.path) }),
        },
      })
      await shell.result(summary, () => watchText(summary, shell.colors))
      return undefined
    }),
  )
}

async function opener(options: Options, shell: Shell): Promise<OpenSource> {
  const workspace = await shell.workspace()
  if (options.from === 'http') return openHttp(options, shell, workspace)
  if (options.from === 'nats') return openNats(options, shell)
  if (options.from === 'kafka') return openKafka(options, shell)
  if (options.path === undefined) throw new KeyhoundError('usage', '--from file needs --path')
  const { followFiles } = await import('../../streams/files.ts')
  return followFiles({
    paths: options.path.map(shell.path),
    start: options.start,
    state: workspace,
    clock: shell.effects.now,
  })
}

/** What tells the sinks after a batch; what is wrong with them is said when it changes. */
async function deliverer(shell: Shell, version: string): Promise<(context: Context) => Promise<void>> {
  const { deliverAlerts } = await import('../../respond/deliver.ts')
  const given = await deliveryOptionsOf(shell, version)
  let said = ''
  return async context => {
    const { problems } = await deliverAlerts(context, given)
    const text = problems.map(({ sink, problem }) => `sink ${sink}: ${problem}`).join('; ')
    if (text !== '' && text !== said) shell.note(text)
    said = text
  }
}

function durationOption(flags: string, description: string): Option {
  return new Option(flags, `${description}: 500ms, 5s, 2m`).argParser(parseDuration)
}

/** A time as people write it, in ms. */
function parseDuration(text: string): number {
  const parts = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text)
  if (parts === null) throw new InvalidArgumentError('Write a time with its unit: 500ms, 5s, 2m, 1h.')
  const ms = Number(parts[1]) * { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }[parts[2] as 'ms']
  if (ms < 50 || ms > 86_400_000) throw new InvalidArgumentError('Between 50ms and 24h.')
  return ms
}

function watchText(summary: WatchSummary, colors: Shell['colors']): string {
  const { seconds } = summary
  return facts(
    [
      ['model', summary.model],
      ['batches', number(summary.batches)],
      ['events read', number(summary.events)],
      [
        'added',
        `${number(summary.added)}, ${number(summary.duplicates)} known, ${number(summary.rejected)} rejected`,
      ],
      ['alerts', `${number(summary.alerts)} in the queue of the days scored last`],
      ['lag', `${summary.lagSeconds.toFixed(1)} s, ${summary.longestLagSeconds.toFixed(1)} s at most`],
      [
        'work',
        `ingest ${seconds.ingest.toFixed(1)} s, score ${seconds.score.toFixed(1)} s, deliver ${seconds.deliver.toFixed(1)} s`,
      ],
      ['spool full', `${number(summary.timesFull)} times`],
    ],
    colors,
  )
}

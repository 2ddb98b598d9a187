import { join } from 'node:path'
import { InvalidArgumentError } from 'commander'
import type { SourceName, TokenKind } from '../../ingest/source.ts'
import { KeyhoundError } from '../../lib/errors.ts'
import type { InjectSummary } from '../../pipeline/inject.ts'
import type { Intensity } from '../../simulate/inject/model.ts'
import type { Cli } from '../cli.ts'
import { injectedTable } from '../evaluation-text.ts'
import { facts, number, percent, table } from '../format.ts'
import { choice, examples, parseBudgets, parseCount, parseList, parseTime } from '../options.ts'
import type { Shell } from '../shell.ts'

interface Options {
  into?: string[]
  out?: string
  measure?: boolean
  model?: string
  budget?: number[]
  attacks?: string[]
  intensity?: Intensity[]
  seed?: number
  from?: Date
  incidents?: number
  inventory?: string
  source?: 'auto' | SourceName
  map?: string
  tokens?: TokenKind
}

export function defineInject({ program, run }: Cli): void {
  const command = program
    .command('inject')
    .summary('write labelled attacks into a copy of your own logs')
    .description(
      "Writes a copy of your logs with attacks in it that keep to their victims' context: who they are, where from and with what, which\n" +
        'columns the log knows, how its ids look. Your own events are copied as they are. Ingest, train, score and evaluate on the copy\n' +
        'then tell which attacks would be found, by kind and intensity, without a single real label.\n' +
        'Attacks: replay (own requests from another network), account_switch (another user under the token), drip (exfiltration over\n' +
        'weeks), object_walk (BOLA), scope_probing (new operations, mostly denied), rotation_hijack (a new token of the principal),\n' +
        'stuffing (one address tries many tokens). What a log cannot carry is skipped, with the reason.',
    )
    .option(
      '--into <path...>',
      'logs to inject into: files, folders, globs (default: the events of the workspace)',
    )
    .option('-o, --out <dir>', 'folder to write to; created if need be')
    .option('--attacks <list>', 'only these, separated by commas (default: all seven)', parseList)
    .option('--intensity <list>', 'of loud,medium,quiet (default: all three)', parseIntensities)
    .option('--seed <n>', 'seed of every random choice (default: 1)', parseCount(0))
    .option('--from <time>', 'no attack before this day, UTC (default: the last third of the log)', parseTime)
    .option(
      '--incidents <n>',
      'attacks to write (default: two of each, fewer in small logs)',
      parseCount(1, 100_000),
    )
    .option('--inventory <file>', 'token inventory, which rotation_hijack needs')
    .addOption(
      choice('--source <name>', 'log format of --into (default: auto)', [
        'auto',
        'generic',
        'cloudtrail',
        'combined',
        'nginx',
        'aws-api-gateway',
        'github-audit',
        'ocsf',
      ]),
    )
    .option(
      '--measure',
      'inject into a scratch copy of the workspace, score it with its model, and print what is found; keeps nothing',
    )
    .option(
      '--model <name[@version]>',
      'model for --measure (default: the newest version of the default model)',
    )
    .option('--budget <list>', 'alerts a day for --measure (default: 3,10,30)', parseBudgets)
    .option('--map <file>', 'JSON file {event column: log column} for --into')
    .addOption(
      choice('--tokens <kind>', 'what the token column of --into holds (default: as the source says)', [
        'secret',
        'identifier',
      ]),
    )
    .addHelpText(
      'after',
      examples([
        [
          "Attacks into the workspace's events, then the whole road over the copy; its token ids are no secrets any more",
          'keyhound inject --out injected && keyhound ingest injected/events --tokens identifier --workspace injected/W',
        ],
        [
          'What would the model of this workspace find? One table, nothing kept',
          'keyhound inject --measure --incidents 63 --seed 7',
        ],
        [
          'Only the quiet kinds of two attacks, into raw logs, from a day on',
          'keyhound inject --into logs/ --out injected --attacks replay,object_walk --intensity quiet --from 2026-10-05',
        ],
      ]),
    )
  command.action((options: Options) =>
    run(command, async shell => {
      if (options.measure) return measure(shell, options)
      const { inject } = await import('../../pipeline/inject.ts')
      const { out, into, intensity, inventory, map, ...given } = options
      if (out === undefined || given.model !== undefined || given.budget !== undefined)
        throw new KeyhoundError(
          'usage',
          out === undefined
            ? 'name a folder with --out, or measure with --measure'
            : '--model and --budget belong to --measure',
        )
      const context = await shell.context({ mustExist: into === undefined })
      const summary = await inject(context, {
        ...given,
        out: shell.path(out),
        scratch: join(shell.scratch(), 'source'),
        ...(into !== undefined && { into: into.map(path => shell.path(path)) }),
        ...(intensity !== undefined && { intensities: intensity }),
        ...(inventory !== undefined && { inventory: shell.path(inventory) }),
        ...(map !== undefined && { map: shell.path(map) }),
      })
      await shell.result(summary, () => injectText(summary, shell.path(out), shell.colors))
      return undefined
    }),
  )
}

async function measure(shell: Shell, options: Options): Promise<undefined> {
  const foreign = (['out', 'into', 'inventory', 'source', 'map', 'tokens'] as const).filter(
    name => options[name] !== undefined,
  )
  if (foreign.length > 0)
    throw new KeyhoundError(
      'usage',
      `--measure works on the events of the workspace and keeps nothing: leave out ${foreign.map(name => `--${name}`).join(', ')}`,
    )
  const { measureInjected } = await import('../../pipeline/inject/measure.ts')
  const context = await shell.context({ mustExist: true })
  const { attacks, intensity, seed, from, incidents, model, budget } = options
  const recall = await measureInjected(context, {
    scratch: join(shell.scratch(), 'copy'),
    ...(attacks && { attacks }),
    ...(intensity && { intensities: intensity }),
    ...(seed !== undefined && { seed }),
    ...(from && { from }),
    ...(incidents !== undefined && { incidents }),
    ...(model !== undefined && { model }),
    ...(budget && { budgets: budget }),
  })
  await shell.result(recall, () =>
    [
      facts(
        [
          ['model', recall.model],
          ['period', `${recall.from} to ${recall.to}`],
          [
            'injected',
            `${number(recall.injected.incidents)} incidents in ${number(recall.injected.tokenDays)} token-days; thresholds are those of the others`,
          ],
        ],
        shell.colors,
      ),
      injectedTable(recall.injected, recall.budgets, shell.colors),
      `alerted on such a day without the attack too: ${recall.alertedAnyway
        .map(
          (count, i) =>
            `${number(count)} at ${number(recall.budgets[i]!, recall.budgets[i]! % 1 === 0 ? 0 : 1)} a day`,
        )
        .join(', ')}`,
      remarks(recall),
    ]
      .filter(part => part !== '')
      .join('\n\n'),
  )
  return undefined
}

/** What was left out and why, a line each. */
function remarks({ skipped, notes }: Pick<InjectSummary, 'skipped' | 'notes'>): string {
  const left = skipped.map(
    one =>
      `- skipped: ${one.attack}${one.intensity === null ? '' : `, ${one.intensity}`}${one.incidents > 1 ? ` (${one.incidents} times)` : ''}: ${one.reason}`,
  )
  return [...left, ...notes.map(note => `- ${note}`)].join('\n')
}

function parseIntensities(text: string): Intensity[] {
  const known = ['loud', 'medium', 'quiet']
  const words = parseList(text)
  const unknown = words.filter(word => !known.includes(word))
  if (unknown.length > 0) throw new InvalidArgumentError(`Choose among ${known.join(', ')}.`)
  return words as Intensity[]
}

function injectText(summary: InjectSummary, out: string, colors: Shell['colors']): string {
  const kinds = table(
    ['attack', 'intensity', { name: 'incidents', align: 'right' }, { name: 'events', align: 'right' }],
    summary.incidents.map(kind => [kind.attack, kind.intensity, number(kind.incidents), number(kind.events)]),
    colors,
  )
  const head = facts(
    [
      ['period', `${summary.from} to ${summary.to}`],
      [
        'injected',
        `${number(summary.injectedEvents)} events among ${number(summary.events)} (${percent(summary.shareOfPeriod, 2)} of the period)`,
      ],
      ['logs', join(out, 'events')],
      ['labels', `${summary.labels} (by event), ${join(out, 'incidents.csv')} (by interval)`],
      ...(summary.inventory === null ? [] : [['inventory', summary.inventory] as const]),
    ],
    colors,
  )
  return [head, kinds, remarks(summary)].filter(part => part !== '').join('\n\n')
}

import { join } from 'node:path'
import type { Cli } from '../cli.ts'
import { facts, number } from '../format.ts'
import { choice, examples, parseCount, parseList, parseTime } from '../options.ts'

interface Options {
  out: string
  tokens?: number
  days?: number
  events?: number
  seed?: number
  start?: Date
  attackFromDay?: number
  incidents?: number
  difficulty?: 'easy' | 'hard' | 'mixed'
  families?: string[]
  format?: 'parquet' | 'csv'
}

export function defineSimulate({ program, run }: Cli): void {
  const command = program
    .command('simulate')
    .summary('write realistic API logs with labelled attacks')
    .description(
      'Writes API access logs of several tenants with habits, rotation, roles and places, attacks hidden in them, the\n' +
        'benign twins of those attacks, and what is needed to grade a detector: labels, incidents and a token inventory.\n' +
        'The same options and seed give the same files.',
    )
    .requiredOption('-o, --out <dir>', 'folder to write to; created if need be')
    .option('--tokens <n>', 'tokens in use (default: 200)', parseCount(1, 1_000_000))
    .option('--days <n>', 'days of logs (default: 28)', parseCount(1, 3650))
    .option('--events <n>', 'about how many events over all days (default: 200000)', parseCount(1))
    .option('--seed <n>', 'seed of every random choice (default: 1)', parseCount(0))
    .option('--start <time>', 'first day, UTC (default: 2026-09-01)', parseTime)
    .option(
      '--attack-from-day <n>',
      'no attack before this day, 0 = the first (default: half of --days)',
      parseCount(0),
    )
    .option('--incidents <n>', 'attacks to hide (default: 24)', parseCount(0))
    .addOption(
      choice('--difficulty <level>', 'how well attackers hide (default: mixed)', ['easy', 'hard', 'mixed']),
    )
    .option('--families <list>', 'only these attack families, separated by commas', parseList)
    .addOption(
      choice('--format <format>', 'file format of the events (default: parquet)', ['parquet', 'csv']),
    )
    .addHelpText(
      'after',
      examples([
        [
          'A small data set to play with',
          'keyhound simulate --out sim --tokens 100 --days 14 --events 50000',
        ],
        [
          'Three quiet weeks to train on, attacks only after them',
          'keyhound simulate --out sim --days 28 --attack-from-day 21 --seed 7',
        ],
        [
          'Then the whole road over it',
          'keyhound ingest sim/events --inventory sim/tokens.csv --tokens identifier && keyhound train --until 2026-09-22',
        ],
      ]),
    )
  command.action((options: Options) =>
    run(command, async shell => {
      const { DEFAULTS, simulate } = await import('../../simulate/simulate.ts')
      const { engine, progress } = await shell.context()
      const { out, ...given } = options
      const folder = shell.path(out)
      // With attacks in the second half only, the first can be trained on.
      const attackFromDay = given.attackFromDay ?? Math.floor((given.days ?? DEFAULTS.days) / 2)
      const summary = await simulate(engine, folder, { ...DEFAULTS, ...given, attackFromDay }, progress)
      await shell.result(summary, () =>
        facts(
          [
            ['events', `${number(summary.events)} in ${number(summary.days)} days`],
            ['tokens', number(summary.tokens)],
            [
              'incidents',
              `${number(summary.incidents)} (${number(summary.maliciousEvents)} malicious events)`,
            ],
            ['benign surprises', number(summary.benignSurprises)],
            ['logs', join(folder, 'events')],
            ['inventory', join(folder, 'tokens.csv')],
            [
              'labels',
              `${join(folder, 'labels.csv')} (by event), ${join(folder, 'incidents.csv')} (by interval)`,
            ],
          ],
          shell.colors,
        ),
      )
      return undefined
    }),
  )
}

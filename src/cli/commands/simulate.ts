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
    .option('--tokens <n>', 'tokens in use', parseCount(1, 1_000_000))
    .option('--days <n>', 'days of logs', parseCount(1, 3650))
    .option('--events <n>', 'about how many events over all days', parseCount(1))
    .option('--seed <n>', 'seed of every random choice', parseCount(0))
    .option('--start <time>', 'first day, UTC', parseTime)
    .option('--attack-from-day <n>', 'no attack before this day (0 = the first)', parseCount(0))
    .option('--incidents <n>', 'attacks to hide', parseCount(0))
    .addOption(choice('--difficulty <level>', 'how well attackers hide', ['easy', 'hard', 'mixed']))
    .option('--families <list>', 'only these attack families, separated by commas', parseList)
    .addOption(choice('--format <format>', 'file format of the events', ['parquet', 'csv']))
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
          'keyhound ingest sim/events --inventory sim/tokens.csv -w W && keyhound train -w W --until 2026-09-22',
        ],
      ]),
    )
  command.action((options: Options) =>
    run(command, async shell => {
      const { DEFAULTS, simulate } = await import('../../simulate/simulate.ts')
      const { engine, progress } = await shell.context()
      const { out, ...given } = options
      const folder = shell.path(out)
      const summary = await simulate(engine, folder, { ...DEFAULTS, ...given }, progress)
      await shell.result(summary, () =>
        facts(
          [
            ['written to', folder],
            ...Object.entries(summary)
              .filter(([, value]) => typeof value === 'number')
              .map(([name, value]) => [name, number(value as number)] as const),
          ],
          shell.colors,
        ),
      )
      return undefined
    }),
  )
}

import type { Command } from 'commander'
import type { SinkConfig } from '../../schema/sinks.ts'
import type { Cli } from '../cli.ts'
import { EXIT } from '../exit-code.ts'
import { minute, number, printable, severity, table } from '../format.ts'
import { examples, parseTime } from '../options.ts'
import { deliveryOptionsOf, outsideOf } from '../outside.ts'
import type { Shell } from '../shell.ts'
import { deliveryText } from '../sink-text.ts'

export function defineSinks(cli: Cli): void {
  const sinks = cli.program
    .command('sinks')
    .summary('tell alerts to the systems where people work')
    .description(
      'Sends alerts to the sinks of the configuration: webhooks, Slack, e-mail, syslog, OCSF, files. docs/alerts-out.md shows how to set them up.',
    )
    .addHelpText(
      'after',
      examples([
        ['Does it arrive?', 'keyhound sinks test soc --config keyhound.json'],
        [
          'Tell what is new, and try again what failed: every few minutes',
          'keyhound sinks deliver --config keyhound.json',
        ],
      ]),
    )
  defineList(cli, sinks)
  defineTest(cli, sinks)
  defineDeliver(cli, sinks)
  defineDead(cli, sinks)
  defineRetry(cli, sinks)
}

function defineList({ run }: Cli, sinks: Command): void {
  const command = sinks
    .command('list')
    .summary('the sinks, and what waits for them')
    .description('Lists the sinks of the configuration with what is delivered, waits or was given up.')
    .addHelpText(
      'after',
      examples([
        ['All of them', 'keyhound sinks list --config keyhound.json'],
        ['For a program', 'keyhound sinks list --config keyhound.json --json'],
      ]),
    )
  command.action(() =>
    run(command, async shell => {
      const { hasState, withState } = await import('../../state/state.ts')
      const { countDeliveries } = await import('../../state/outbox.ts')
      const { sinks: configs } = await shell.config()
      const workspace = await shell.workspace()
      const counts = hasState(workspace) ? await withState(workspace, countDeliveries) : []
      const count = (sink: string, status: string) =>
        counts.find(one => one.sink === sink && one.status === status)?.count ?? 0
      const rows = configs.map(({ name, kind, minSeverity }) => ({
        name,
        kind,
        minSeverity,
        pending: count(name, 'pending'),
        delivered: count(name, 'delivered'),
        dead: count(name, 'dead'),
      }))
      await shell.result(rows, () =>
        rows.length === 0
          ? 'the configuration names no sinks; docs/alerts-out.md shows how to'
          : table(
              [
                'sink',
                'kind',
                'from',
                ...['delivered', 'waiting', 'given up'].map(name => ({ name, align: 'right' as const })),
              ],
              rows.map(row => [
                row.name,
                row.kind,
                severity(row.minSeverity, shell.colors),
                number(row.delivered),
                number(row.pending),
                number(row.dead),
              ]),
              shell.colors,
            ),
      )
      return undefined
    }),
  )
}

function defineTest({ program, run }: Cli, sinks: Command): void {
  const command = sinks
    .command('test')
    .summary('send a test message to a sink')
    .description('Sends one made-up alert that says so to a sink, at once and past the outbox.')
    .argument('<name>', 'the sink')
    .addHelpText(
      'after',
      examples([
        ['Is the secret right?', 'keyhound sinks test soc --config keyhound.json'],
        ['In a script', 'keyhound sinks test soc --config keyhound.json --json'],
      ]),
    )
  command.action((name: string) =>
    run(command, async shell => {
      const { probeSink } = await import('../../respond/probe.ts')
      const config = await findSink(shell, name)
      const outcome = await probeSink(config, await outsideOf(shell, program.version() ?? 'unknown'))
      await shell.result({ sink: name, ...outcome }, () =>
        outcome.ok ? `${name}: the test message is delivered` : `${name}: ${printable(outcome.error)}`,
      )
      return outcome.ok ? undefined : EXIT.failed
    }),
  )
}

function defineDeliver({ program, run }: Cli, sinks: Command): void {
  const command = sinks
    .command('deliver')
    .summary('tell what is new, send what is due')
    .description(
      'Makes a message for each open alert and each sink that has not been told of it, and sends everything that is due,\n' +
        'what failed before included. Each goes out at least once, with an idempotency key by which a receiver knows one that\n' +
        'it has. Exit code 1 when a delivery failed; what failed waits for the next run.',
    )
    .option(
      '--from <time>',
      'alerts last seen after this, UTC (default: seven days ago, from the configuration)',
      parseTime,
    )
    .addHelpText(
      'after',
      examples([
        ['After each scoring, or every few minutes', 'keyhound sinks deliver --config keyhound.json'],
        [
          'A new sink, told of the last month',
          'keyhound sinks deliver --config keyhound.json --from 2026-10-01',
        ],
      ]),
    )
  command.action((options: { from?: Date }) =>
    run(command, async shell => {
      const { deliverAlerts } = await import('../../respond/deliver.ts')
      const context = await shell.context({ mustExist: true })
      const given = await deliveryOptionsOf(shell, program.version() ?? 'unknown')
      const report = await deliverAlerts(context, { ...given, ...options })
      await shell.result(report, () => deliveryText(report))
      return report.problems.length > 0 ? EXIT.failed : undefined
    }),
  )
}

function defineDead({ run }: Cli, sinks: Command): void {
  const command = sinks
    .command('dead')
    .summary('deliveries that were given up')
    .description('Lists deliveries that were given up, with why; `keyhound sinks retry` sends them again.')
    .option('--sink <name>', 'only of this sink')
    .addHelpText(
      'after',
      examples([
        ['All of them', 'keyhound sinks dead'],
        ['Of one sink', 'keyhound sinks dead --sink soc'],
      ]),
    )
  command.action((options: { sink?: string }) =>
    run(command, async shell => {
      const { hasState, withState } = await import('../../state/state.ts')
      const { listDeliveries } = await import('../../state/outbox.ts')
      const workspace = await shell.workspace()
      const dead = hasState(workspace)
        ? await withState(workspace, state => listDeliveries(state, { ...options, status: 'dead' }))
        : []
      await shell.result(dead, () =>
        dead.length === 0
          ? 'none was given up'
          : table(
              ['delivery', 'sink', 'alert', 'since (UTC)', { name: 'attempts', align: 'right' }, 'because'],
              dead.map(one => [
                one.id,
                printable(one.sink),
                one.alertId.slice(0, 8),
                minute(one.createdAt),
                number(one.attempts),
                printable(one.lastError ?? ''),
              ]),
              shell.colors,
            ),
      )
      return undefined
    }),
  )
}

function defineRetry({ program, run }: Cli, sinks: Command): void {
  const command = sinks
    .command('retry')
    .summary('send again what was given up')
    .description(
      'Makes deliveries that were given up due again, with their idempotency keys, and sends what is due.',
    )
    .argument('[delivery...]', 'ids, as `keyhound sinks dead` lists them; without, all that were given up')
    .option('--sink <name>', 'only of this sink')
    .addHelpText(
      'after',
      examples([
        ['The receiver is back: all of them', 'keyhound sinks retry --config keyhound.json'],
        ['Those of one sink', 'keyhound sinks retry --sink soc --config keyhound.json'],
      ]),
    )
  command.action((ids: string[], options: { sink?: string }) =>
    run(command, async shell => {
      const { withState } = await import('../../state/state.ts')
      const { listDeliveries, reviveDelivery } = await import('../../state/outbox.ts')
      const { deliverDue } = await import('../../respond/deliver.ts')
      const config = await shell.config()
      const given = await deliveryOptionsOf(shell, program.version() ?? 'unknown')
      const { revived, report } = await withState(await shell.workspace(), async state => {
        const dead = await listDeliveries(state, { ...options, status: 'dead' })
        const chosen = ids.length > 0 ? ids : dead.map(one => one.id)
        for (const id of chosen) {
          await reviveDelivery(state, id, { actor: shell.actor, at: shell.effects.now() })
        }
        return { revived: chosen.length, report: await deliverDue(state, config, given) }
      })
      await shell.result(
        { revived, ...report },
        () => `${number(revived)} due again\n${deliveryText(report)}`,
      )
      return report.problems.length > 0 ? EXIT.failed : undefined
    }),
  )
}

async function findSink(shell: Shell, name: string): Promise<SinkConfig> {
  const { KeyhoundError } = await import('../../lib/errors.ts')
  const { sinks } = await shell.config()
  const found = sinks.find(one => one.name === name)
  if (found !== undefined) return found
  const known = sinks.length === 0 ? 'it names none' : `it names ${sinks.map(one => one.name).join(', ')}`
  throw new KeyhoundError('not-found', `the configuration names no sink "${name}"; ${known}`)
}

import type { Command } from 'commander'
import type { TokenRisk, WeighedAlert } from '../../pipeline/token-risk.ts'
import type { Cli } from '../cli.ts'
import { facts, minute, number, printable, table } from '../format.ts'
import { examples, parseCount, parseTime } from '../options.ts'
import type { Shell } from '../shell.ts'

/** `keyhound tokens`: whom to look at first. */
export function defineTokens(cli: Cli): void {
  const tokens = cli.program
    .command('tokens')
    .summary('tokens by the risk that their alerts add up to: list, show')
    .description(
      'The risk of a token is 100 * (1 - product of (1 - risk/100 * 2^(-age/half-life))) over its alerts: open ones, and those\n' +
        'judged to be misuse. An alert counts half after alerts.riskHalfLifeDays (configuration, 7 days). Alerts of one campaign\n' +
        'are not independent, so read it as an order of whom to look at first, not as a probability.',
    )
  defineList(cli, tokens)
  defineShow(cli, tokens)
}

function defineList({ run }: Cli, tokens: Command): void {
  const command = tokens
    .command('list', { isDefault: true })
    .summary('tokens that were alerted, highest risk first')
    .option('--tenant <id>', 'only this tenant')
    .option('--at <time>', 'risk as of this moment, UTC (default: now)', parseTime)
    .option('--limit <n>', 'at most so many', parseCount(1), 50)
    .addHelpText(
      'after',
      examples([
        ['Whom to look at first', 'keyhound tokens'],
        ['As it stood at the end of a day, over stored logs', 'keyhound tokens list --at 2026-10-06'],
      ]),
    )
  command.action((options: { tenant?: string; at?: Date; limit: number }) =>
    run(command, async shell => {
      const { listTokenRisks } = await import('../../pipeline/token-risk.ts')
      const { tenant: tenantId, ...when } = options
      const context = await shell.context({ mustExist: true })
      const risks = await listTokenRisks(context, { ...when, ...(tenantId && { tenantId }) })
      await shell.result(risks, () =>
        risks.length === 0 ? 'no token was alerted' : riskTable(risks, shell.colors),
      )
      return undefined
    }),
  )
}

function defineShow({ run }: Cli, tokens: Command): void {
  const command = tokens
    .command('show')
    .summary('one token: its risk, and what each alert adds to it')
    .argument('<token>', 'its id')
    .option('--tenant <id>', 'whose token, where several tenants have one of that id')
    .option('--at <time>', 'risk as of this moment, UTC (default: now)', parseTime)
    .addHelpText('after', examples([['What makes a token risky', 'keyhound tokens show tok_7f']]))
  command.action((token: string, options: { tenant?: string; at?: Date }) =>
    run(command, async shell => {
      const { findTokenRisk } = await import('../../pipeline/token-risk.ts')
      const { tenant: tenantId, ...when } = options
      const context = await shell.context({ mustExist: true })
      const risk = await findTokenRisk(context, token, { ...when, ...(tenantId && { tenantId }) })
      await shell.result(risk, () =>
        [
          facts(
            [
              ['token', printable(risk.tokenId)],
              ['tenant', printable(risk.tenantId)],
              ['principal', printable(risk.principalId)],
              ['entity risk', `${number(risk.entityRisk, 1)} of 100, from ${risk.countedAlerts} alerts`],
              ['open alerts', number(risk.openAlerts)],
              ['half-life', `${number(context.config.alerts.riskHalfLifeDays, 1)} days`],
            ],
            shell.colors,
          ),
          alertTable(risk.alerts, shell.colors),
        ].join('\n\n'),
      )
      return undefined
    }),
  )
}

function riskTable(risks: readonly TokenRisk[], colors: Shell['colors']): string {
  return table(
    [
      'token',
      'principal',
      'tenant',
      { name: 'entity risk', align: 'right' },
      { name: 'open alerts', align: 'right' },
      'last alert (UTC)',
    ],
    risks.map(risk => [
      printable(risk.tokenId),
      printable(risk.principalId),
      printable(risk.tenantId),
      number(risk.entityRisk, 1),
      number(risk.openAlerts),
      minute(risk.lastAlert),
    ]),
    colors,
  )
}

function alertTable(alerts: readonly WeighedAlert[], colors: Shell['colors']): string {
  return table(
    [
      'alert',
      'last seen (UTC)',
      { name: 'risk', align: 'right' },
      { name: 'days ago', align: 'right' },
      { name: 'adds', align: 'right' },
      'status',
      'title',
    ],
    alerts.map(({ alert, ageDays, decayedRisk }) => [
      alert.alertId.slice(0, 8),
      minute(alert.lastSeen),
      number(alert.risk, 1),
      number(ageDays, 1),
      number(decayedRisk, 1),
      alert.status === 'closed' ? (alert.life?.judgedAs ?? 'closed') : alert.status,
      printable(alert.title),
    ]),
    colors,
  )
}

import type { Command } from 'commander'
import type { Suppression } from '../../state/suppressions.ts'
import type { Cli } from '../cli.ts'
import { minute, number, printable, table } from '../format.ts'
import { examples, parseCount, parseTime } from '../options.ts'
import type { Shell } from '../shell.ts'

/** A suppression without an end would hide the next theft of the same token. */
const MAX_SUPPRESSION_DAYS = 365
const DAY_MS = 86_400_000

interface SuppressOptions {
  tenant?: string
  principal?: string
  token?: string
  operation?: string
  reason?: string
  because: string
  owner?: string
  days?: number
  until?: Date
}

export function defineSuppress({ run }: Cli, alerts: Command): void {
  const command = alerts
    .command('suppress')
    .summary('hold back alike alerts, for a time')
    .description(
      'Judges alerts benign ahead of time. The scope is what must match: from an alert, its token and strongest reason;\n' +
        'or any of the options. Without an alert and a scope it lists the suppressions.',
    )
    .argument('[alert]', 'alert whose like to hold back')
    .option('--tenant <id>', 'only this tenant')
    .option('--principal <id>', 'only this user or service')
    .option('--token <id>', 'only this token')
    .option('--operation <name>', 'only alerts that are chiefly about this operation')
    .option('--reason <code>', 'only alerts whose strongest reason has this code')
    .option('--because <text>', 'why it is benign; required')
    .option('--owner <name>', 'who answers for it (default: your login)')
    .option(
      '--days <n>',
      'how long (default: from the configuration, 30)',
      parseCount(1, MAX_SUPPRESSION_DAYS),
    )
    .option('--until <time>', 'until when, UTC, instead of --days', parseTime)
    .addHelpText(
      'after',
      examples([
        ['Alerts like this one, for a week', 'keyhound alerts suppress 3fk2 --because "load test" --days 7'],
        [
          'A service that moves to another region, until the move is over',
          'keyhound alerts suppress --principal svc-etl --reason new_network --because "region move" --until 2026-11-01',
        ],
        ['What is suppressed, by whom, how often it hit', 'keyhound alerts suppress'],
      ]),
    )
  command.action((id: string | undefined, options: SuppressOptions) =>
    run(command, async shell => {
      const { findAlert, suppressionScope } = await import('../../pipeline/triage.ts')
      const { withState } = await import('../../state/state.ts')
      const { addSuppression, listSuppressions } = await import('../../state/suppressions.ts')
      const { KeyhoundError } = await import('../../lib/errors.ts')
      const workspace = await shell.workspace()
      const given = {
        ...(options.tenant && { tenantId: options.tenant }),
        ...(options.principal && { principalId: options.principal }),
        ...(options.token && { tokenId: options.token }),
        ...(options.operation && { operation: options.operation }),
        ...(options.reason && { reasonCode: options.reason }),
      }
      if (id === undefined && Object.keys(given).length === 0 && options.because === undefined) {
        const all = await withState(workspace, listSuppressions)
        await shell.result(all, () =>
          all.length === 0 ? 'nothing is suppressed' : suppressionTable(all, shell),
        )
        return undefined
      }
      if (options.because === undefined) {
        throw new KeyhoundError(
          'usage',
          'say why it is benign: --because TEXT; whoever finds it next year will ask',
        )
      }
      const because = options.because
      const scope =
        id === undefined
          ? given
          : { ...suppressionScope(await findAlert(await shell.context({ mustExist: true }), id)), ...given }
      const createdAt = shell.effects.now()
      const days = options.days ?? (await shell.config()).alerts.suppressionDays
      const expiresAt = options.until ?? new Date(createdAt.getTime() + days * DAY_MS)
      const owner = options.owner ?? shell.effects.user
      const suppressionId = await withState(workspace, state =>
        addSuppression(state, { ...scope, because, owner, createdAt, expiresAt }, shell.actor),
      )
      await shell.result({ suppressionId, ...scope, because, owner, expiresAt }, () =>
        [
          `suppression ${suppressionId} is in force until ${minute(expiresAt)} UTC, from the next scoring on`,
          `end it earlier with: keyhound alerts unsuppress ${suppressionId}`,
        ].join('\n'),
      )
      return undefined
    }),
  )
}

export function defineUnsuppress({ run }: Cli, alerts: Command): void {
  const command = alerts
    .command('unsuppress')
    .summary('end a suppression')
    .description(
      'Ends a suppression now. Alerts it held back stay suppressed until their period is scored again.',
    )
    .argument('<number>', 'its number, as `keyhound alerts suppress` lists it', parseCount(1))
    .addHelpText(
      'after',
      examples([
        ['Find the number', 'keyhound alerts suppress'],
        ['End it', 'keyhound alerts unsuppress 4'],
      ]),
    )
  command.action((suppressionId: number) =>
    run(command, async shell => {
      const { withState } = await import('../../state/state.ts')
      const { removeSuppression } = await import('../../state/suppressions.ts')
      const { KeyhoundError } = await import('../../lib/errors.ts')
      const removed = await withState(await shell.workspace(), state =>
        removeSuppression(state, suppressionId, { actor: shell.actor, at: shell.effects.now() }),
      )
      if (!removed) {
        throw new KeyhoundError(
          'not-found',
          `there is no suppression ${suppressionId}; \`keyhound alerts suppress\` lists them`,
        )
      }
      await shell.result({ suppressionId, removed }, () => `suppression ${suppressionId} is ended`)
      return undefined
    }),
  )
}

function suppressionTable(all: readonly Suppression[], shell: Shell): string {
  const now = shell.effects.now()
  return table(
    [
      { name: '#', align: 'right' },
      'scope',
      'because',
      'owner',
      'until (UTC)',
      { name: 'hits', align: 'right' },
    ],
    all.map(one => [
      String(one.suppressionId),
      printable(scopeText(one)),
      printable(one.because),
      printable(one.owner),
      one.expiresAt <= now ? 'expired' : minute(one.expiresAt),
      number(one.hits),
    ]),
    shell.colors,
  )
}

function scopeText(one: Suppression): string {
  return Object.entries({
    tenant: one.tenantId,
    principal: one.principalId,
    token: one.tokenId,
    operation: one.operation,
    reason: one.reasonCode,
  })
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ')
}

import { Argument, type Command } from 'commander'
import type { Context } from '../../pipeline/context.ts'
import type { AlertFilter, TriagedAlert } from '../../pipeline/triage.ts'
import {
  ALERT_STATUS_FILTERS,
  type AlertStatusFilter,
  VERDICT_EFFECTS,
  VERDICTS,
  type Verdict,
} from '../../schema/labels.ts'

import { SEVERITIES, type Severity } from '../../schema/scores.ts'
import { alertTable, alertText, recomputedText } from '../alert-text.ts'
import type { Cli } from '../cli.ts'
import { number } from '../format.ts'
import { choice, examples, parseCount, parseOneBudget, parseTime } from '../options.ts'
import type { Shell } from '../shell.ts'
import { defineAlertLife } from './alert-life.ts'
import { defineAlertPerformance } from './alert-performance.ts'
import { defineExport } from './alerts-export.ts'
import { defineSuppress, defineUnsuppress } from './suppressions.ts'

export function defineAlerts(cli: Cli): void {
  const alerts = cli.program
    .command('alerts')
    .summary('triage: list, show, judge and suppress alerts')
    .description(
      'Works on the queue of alerts. A verdict teaches the filter at the next training; a suppression holds back alike\n' +
        'alerts from the next scoring on, until it expires. Suppressed alerts are kept and can be listed.',
    )
    .addHelpText(
      'after',
      examples([
        ['The open queue, worst first', 'keyhound alerts list'],
        ['One alert with its reasons; the first characters of the id do', 'keyhound alerts show 3fk2'],
        ['Take it up', 'keyhound alerts ack 3fk2'],
        ['Judge it, which closes it', 'keyhound alerts verdict 3fk2 false_positive --note "monthly export"'],
      ]),
    )
  defineList(cli, alerts)
  defineShow(cli, alerts)
  defineAlertLife(cli, alerts)
  defineVerdict(cli, alerts)
  defineWithdraw(cli, alerts)
  defineExport(cli, alerts)
  defineAlertPerformance(cli, alerts)
  defineSuppress(cli, alerts)
  defineUnsuppress(cli, alerts)
}

interface ListOptions {
  from?: Date
  to?: Date
  severity?: Severity
  status: AlertStatusFilter
  limit: number
  budget?: number
}

function defineList({ run }: Cli, alerts: Command): void {
  const command = alerts
    .command('list')
    .summary('the queue, worst first')
    .description(
      'Lists alerts, highest risk first. Open ones are new or acknowledged, and repeat no open alert of their\n' +
        'incident: those are folded into it and counted beside it ("more"). Those marked sampled were held back by\n' +
        'the filter and drawn to check it, those marked explored lie below the alert risk: their verdicts teach the most.',
    )
    .option('--from <time>', 'last seen at or after this, UTC', parseTime)
    .option('--to <time>', 'first seen before this, UTC', parseTime)
    .addOption(choice('--severity <severity>', 'at least this severe', SEVERITIES))
    .addOption(choice('--status <status>', 'which alerts', ALERT_STATUS_FILTERS, 'open'))
    .option('--budget <rate>', 'only what this alert budget would show: 3/day, 10/week', parseOneBudget)
    .option('--limit <n>', 'at most so many', parseCount(1), 50)
    .addHelpText(
      'after',
      examples([
        ['What is open', 'keyhound alerts list'],
        ['Severe ones of a day', 'keyhound alerts list --severity high --from 2026-10-05 --to 2026-10-06'],
        [
          'The queue of a team that takes three a day, and what it costs',
          'keyhound alerts list --budget 3/day',
        ],
        ['What was held back, and why', 'keyhound alerts list --status suppressed'],
      ]),
    )
  command.action((options: ListOptions) =>
    run(command, async shell => {
      const { filterState, listAlerts } = await import('../../pipeline/triage.ts')
      const context = await shell.context({ mustExist: true })
      const { budget, limit, ...wanted } = options
      const found =
        budget === undefined
          ? await listAlerts(context, { ...wanted, limit })
          : (await withinBudget(shell, context, wanted, budget)).slice(0, limit)
      const filter = await filterState(context)
      await shell.result(found, () =>
        [found.length === 0 ? 'no alert matches' : alertTable(found, shell.colors), ...filter].join('\n\n'),
      )
      return undefined
    }),
  )
}

/** The alerts that a budget shows; what it costs is a remark, since the list itself is the result. */
async function withinBudget(
  shell: Shell,
  context: Context,
  { severity, status, ...period }: AlertFilter,
  budget: number,
): Promise<TriagedAlert[]> {
  const { hasStatus, listAlerts } = await import('../../pipeline/triage.ts')
  const { rebudget } = await import('../../pipeline/budget.ts')
  const { budgetText } = await import('../budget-text.ts')
  const { alerts, cost, scoredBudget } = await rebudget(
    context,
    await listAlerts(context, period),
    budget,
    period,
  )
  if (cost !== null) shell.note(`budget: ${budgetText(cost)}`)
  if (budget > scoredBudget) {
    shell.note(
      `some days were scored with a budget of ${number(scoredBudget, 2)} a day: alerts beyond it are not stored; see them with keyhound score --budget ${budget}, or try with keyhound replay --budget ${budget}`,
    )
  }
  const least = severity === undefined ? 0 : SEVERITIES.indexOf(severity)
  return alerts.filter(
    alert => SEVERITIES.indexOf(alert.severity) >= least && hasStatus(alert, status ?? 'all'),
  )
}

function defineShow({ run }: Cli, alerts: Command): void {
  const command = alerts
    .command('show')
    .summary('one alert with its reasons and evidence')
    .description(
      'Shows an alert: what was seen beside what is usual, the events behind it, and how it was judged.',
    )
    .argument('<alert>', 'alert id, or the first characters of it')
    .option('--events', 'show the events that each reason names')
    .option('--recompute', 'work it out again with the model that made it, and say whether anything differs')
    .addHelpText(
      'after',
      examples([
        ['By the start of its id', 'keyhound alerts show 3fk2'],
        ['With the events that show each reason', 'keyhound alerts show 3fk2 --events'],
        ['Proof that it can be made again', 'keyhound alerts show 3fk2 --recompute'],
        ['The ids of all events behind it', 'keyhound alerts show 3fk2 --json | jq -r .evidence[]'],
      ]),
    )
  command.action((id: string, options: { events?: boolean; recompute?: boolean }) =>
    run(command, async shell => {
      const { findAlert } = await import('../../pipeline/triage.ts')
      const context = await shell.context({ mustExist: true })
      const alert = await findAlert(context, id)
      const events = options.events ? await eventsOf(context, alert) : undefined
      const recomputed = options.recompute ? await recomputeOf(context, alert) : undefined
      await shell.result(
        { ...alert, ...(events && { events: [...events.values()] }), ...(recomputed && { recomputed }) },
        () =>
          [alertText(alert, shell.colors, events), ...(recomputed ? [recomputedText(recomputed)] : [])].join(
            '\n\n',
          ),
      )
      return undefined
    }),
  )
}

function defineVerdict({ run }: Cli, alerts: Command): void {
  const command = alerts
    .command('verdict')
    .alias('close')
    .summary('judge an alert, which closes it')
    .description(
      `Records a judgement, who gave it and when, and closes the alert; a later verdict replaces an earlier one.\n${VERDICTS.map(
        verdict => `  ${verdict}: ${VERDICT_EFFECTS[verdict].meaning}.`,
      ).join(
        '\n',
      )}\nAlerts are alike by token, reason, named value and title, in one tenant. Effects begin with the next training.`,
    )
    .argument('<alert>', 'alert id, or the first characters of it')
    .addArgument(new Argument('<verdict>', 'what it was').choices([...VERDICTS]))
    .option('--note <text>', 'why')
    .option('--who <name>', 'who judges (default: your login)')
    .addHelpText(
      'after',
      examples([
        [
          'It was theft',
          'keyhound alerts verdict 3fk2 true_positive --note "key found in a public repository"',
        ],
        ['It was the quarterly export', 'keyhound alerts close 3fk2 benign_trigger'],
      ]),
    )
  command.action((id: string, verdict: Verdict, options: { note?: string; who?: string }) =>
    run(command, async shell => {
      const { judgeAlert } = await import('../../pipeline/triage.ts')
      const record = await judgeAlert(await shell.context({ mustExist: true }), id, {
        verdict,
        note: options.note ?? null,
        who: options.who ?? shell.effects.user,
      })
      await shell.result(record, () => `${record.alertId}: ${record.verdict}`)
      return undefined
    }),
  )
}

function defineWithdraw({ run }: Cli, alerts: Command): void {
  const command = alerts
    .command('withdraw')
    .summary('withdraw your last verdict on an alert')
    .description(
      'Removes your last verdict on the alert from every figure. The alert stands where it stood before; an earlier verdict counts again.',
    )
    .argument('<alert>', 'alert id, or its first characters')
    .option('--who <name>', 'who gave the verdict (default: your login)')
    .addHelpText('after', examples([['It was the wrong alert', 'keyhound alerts withdraw 3fk2']]))
  command.action((id: string, options: { who?: string }) =>
    run(command, async shell => {
      const { withdrawVerdict } = await import('../../pipeline/triage.ts')
      const context = await shell.context({ mustExist: true })
      const alert = await withdrawVerdict(context, id, options.who ?? shell.effects.user)
      await shell.result(alert, () => `${alert.alertId}: verdict withdrawn, ${alert.status}`)
      return undefined
    }),
  )
}

async function eventsOf(context: Context, alert: TriagedAlert) {
  const { readEvents } = await import('../../pipeline/example-events.ts')
  const named = alert.reasons.flatMap(reason => reason.events ?? [])
  return readEvents(context, [alert.firstSeen.toISOString().slice(0, 10)], alert.tenantId, named)
}

async function recomputeOf(context: Context, alert: TriagedAlert) {
  const { recomputeAlert } = await import('../../pipeline/recompute.ts')
  return recomputeAlert(context, alert)
}

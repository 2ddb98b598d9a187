import type { Command } from 'commander'
import type { TriagedAlert } from '../../pipeline/triage.ts'
import type { Cli } from '../cli.ts'
import { printable } from '../format.ts'
import { examples } from '../options.ts'

const ALERT = ['<alert>', 'alert id, or the first characters of it'] as const

/** `keyhound alerts ack|reopen|assign|note`: the life of an alert between the queue and its verdict. */
export function defineAlertLife(cli: Cli, alerts: Command): void {
  defineAcknowledge(cli, alerts)
  defineReopen(cli, alerts)
  defineAssign(cli, alerts)
  defineNote(cli, alerts)
}

function defineAcknowledge({ run }: Cli, alerts: Command): void {
  const command = alerts
    .command('ack')
    .summary('take an alert up: somebody looks into it')
    .description('Marks an alert as acknowledged; it stays open, and is yours unless it is somebody’s.')
    .argument(...ALERT)
    .addHelpText('after', examples([['I look into it', 'keyhound alerts ack 3fk2']]))
  command.action((id: string) =>
    run(command, async shell => {
      const { acknowledgeAlert } = await import('../../pipeline/desk.ts')
      const context = await shell.context({ mustExist: true })
      const alert = await acknowledgeAlert(context, id, shell.effects.user)
      await shell.result(alert, () => standing(alert))
      return undefined
    }),
  )
}

function defineReopen({ run }: Cli, alerts: Command): void {
  const command = alerts
    .command('reopen')
    .summary('put a closed alert back into the queue')
    .description(
      'Opens a closed alert again. Its verdict counts until another is given. Alerts whose evidence grows after they were closed\n' +
        'come back by themselves: one judged true_positive when its misuse goes on, one judged false_positive or benign_trigger\n' +
        'with a cause that it did not have, a duplicate never.',
    )
    .argument(...ALERT)
    .option('--note <text>', 'why')
    .addHelpText(
      'after',
      examples([['The owner says it was not them', 'keyhound alerts reopen 3fk2 --note "owner denies it"']]),
    )
  command.action((id: string, options: { note?: string }) =>
    run(command, async shell => {
      const { reopenAlert } = await import('../../pipeline/desk.ts')
      const context = await shell.context({ mustExist: true })
      const alert = await reopenAlert(context, id, shell.effects.user, options.note)
      await shell.result(alert, () => standing(alert))
      return undefined
    }),
  )
}

function defineAssign({ run }: Cli, alerts: Command): void {
  const command = alerts
    .command('assign')
    .summary('say whose an alert is')
    .argument(...ALERT)
    .argument('[name]', 'who looks into it; without a name it is nobody’s')
    .addHelpText(
      'after',
      examples([
        ['Bob looks into it', 'keyhound alerts assign 3fk2 bob'],
        ['Nobody does any more', 'keyhound alerts assign 3fk2'],
      ]),
    )
  command.action((id: string, name: string | undefined) =>
    run(command, async shell => {
      const { assignAlert } = await import('../../pipeline/desk.ts')
      const context = await shell.context({ mustExist: true })
      const alert = await assignAlert(context, id, name ?? null, shell.effects.user)
      await shell.result(alert, () => standing(alert))
      return undefined
    }),
  )
}

function defineNote({ run }: Cli, alerts: Command): void {
  const command = alerts
    .command('note')
    .summary('write a note to an alert')
    .description('Writes a note, in place of the one before; the audit trail keeps every one.')
    .argument(...ALERT)
    .argument('<text>', 'the note')
    .addHelpText('after', examples([['What is known', 'keyhound alerts note 3fk2 "asked the owner"']]))
  command.action((id: string, text: string) =>
    run(command, async shell => {
      const { noteAlert } = await import('../../pipeline/desk.ts')
      const context = await shell.context({ mustExist: true })
      const alert = await noteAlert(context, id, text, shell.effects.user)
      await shell.result(alert, () => standing(alert))
      return undefined
    }),
  )
}

/** An alert in a line: status, whose it is, note. */
function standing({ alertId, status, life }: TriagedAlert): string {
  const assignee = life?.assignee ? `, of ${life.assignee}` : ''
  const note = life?.note ? `: ${life.note}` : ''
  return printable(`${alertId}: ${status}${assignee}${note}`)
}

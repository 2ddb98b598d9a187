import type { Command } from 'commander'
import type { Desk } from '../../respond/carry-out.ts'
import type { By } from '../../state/state.ts'
import { RESPONSE_STATUSES, type ResponseStatus } from '../../state/tables.ts'
import type { Cli } from '../cli.ts'
import { EXIT } from '../exit-code.ts'
import { choice, examples } from '../options.ts'
import { outsideOf } from '../outside.ts'
import { responseTable, responseText } from '../response-text.ts'
import type { Shell } from '../shell.ts'

export function defineRespond(cli: Cli): void {
  const respond = cli.program
    .command('respond')
    .summary('act on alerts: revoke, rotate, restrict, tell the owner')
    .description(
      'Playbooks of the configuration say what is to be done about which alerts. They begin as dry runs, then an analyst\n' +
        'approves, then they may act alone. Everything is in the audit trail. docs/alerts-out.md shows how to set them up.',
    )
    .addHelpText(
      'after',
      examples([
        ['What waits for approval', 'keyhound respond list --status proposed'],
        ['After each scoring, and every few minutes', 'keyhound respond run --config keyhound.json'],
      ]),
    )
  defineRun(cli, respond)
  defineList(cli, respond)
  defineApprove(cli, respond)
  defineReject(cli, respond)
  defineUndo(cli, respond)
}

function defineRun({ program, run }: Cli, respond: Command): void {
  const command = respond
    .command('run')
    .summary('one round of the playbooks')
    .description(
      'Undoes restrictions whose time is up or whose alert was judged benign, proposes what open alerts call for, and carries\n' +
        'out what is approved or may be done without. Exit code 1 when an action failed.',
    )
    .addHelpText(
      'after',
      examples([
        ['After each scoring, and every few minutes', 'keyhound respond run --config keyhound.json'],
        ['For a program', 'keyhound respond run --config keyhound.json --json'],
      ]),
    )
  command.action(() =>
    run(command, async shell => {
      const { runResponses } = await import('../../respond/run-responses.ts')
      const context = await shell.context({ mustExist: true })
      const outside = await outsideOf(shell, program.version() ?? 'unknown')
      const changed = await runResponses(context, { outside })
      await shell.result(changed, () =>
        changed.length === 0 ? 'nothing to do' : responseTable(changed, shell.colors),
      )
      return changed.some(one => one.status === 'failed') ? EXIT.failed : undefined
    }),
  )
}

function defineList({ run }: Cli, respond: Command): void {
  const command = respond
    .command('list')
    .summary('proposed and executed actions')
    .description('Lists what playbooks propose and what was done, newest first.')
    .addOption(choice('--status <status>', 'only these', RESPONSE_STATUSES))
    .option('--alert <id>', 'only of this alert')
    .addHelpText(
      'after',
      examples([
        ['What waits for approval', 'keyhound respond list --status proposed'],
        ['What is in force', 'keyhound respond list --status executed'],
      ]),
    )
  command.action(({ status, alert }: { status?: ResponseStatus; alert?: string }) =>
    run(command, async shell => {
      const { hasState, withState } = await import('../../state/state.ts')
      const { listResponses } = await import('../../state/responses.ts')
      const workspace = await shell.workspace()
      const filter = { ...(status && { status }), ...(alert && { alertId: alert }) }
      const found = hasState(workspace)
        ? await withState(workspace, state => listResponses(state, filter))
        : []
      await shell.result(found, () =>
        found.length === 0 ? 'nothing is proposed or done' : responseTable(found, shell.colors),
      )
      return undefined
    }),
  )
}

function defineApprove({ program, run }: Cli, respond: Command): void {
  const command = respond
    .command('approve')
    .summary('carry out a proposed action')
    .description('Approves a proposal and carries it out at once; a failed action is tried once more.')
    .argument('<id>', 'the response, as `keyhound respond list` shows it')
    .option('--note <text>', 'why, for the audit trail')
    .addHelpText(
      'after',
      examples([
        ['What waits', 'keyhound respond list --status proposed'],
        [
          'Do it',
          'keyhound respond approve 3f9c01ab77de --config keyhound.json --note "owner confirms theft"',
        ],
      ]),
    )
  command.action((id: string, { note }: { note?: string }) =>
    run(command, async shell => {
      const { approveResponse } = await import('../../respond/carry-out.ts')
      const done = await atDesk(shell, program, (desk, by) =>
        approveResponse(desk, id, by, note === undefined ? {} : { note }),
      )
      await shell.result(done, () => responseText(done))
      return done.status === 'failed' ? EXIT.failed : undefined
    }),
  )
}

function defineReject({ program, run }: Cli, respond: Command): void {
  const command = respond
    .command('reject')
    .summary('turn a proposed action down')
    .description(
      'Turns a proposal down: nothing is done, and it is not proposed again unless its alert is re-opened.',
    )
    .argument('<id>', 'the response, as `keyhound respond list` shows it')
    .requiredOption('--note <text>', 'why, for the audit trail')
    .addHelpText(
      'after',
      examples([
        ['What waits', 'keyhound respond list --status proposed'],
        ['Not this one', 'keyhound respond reject 3f9c01ab77de --note "the owner rotated it already"'],
      ]),
    )
  command.action((id: string, { note }: { note: string }) =>
    run(command, async shell => {
      const { rejectResponse } = await import('../../respond/carry-out.ts')
      const done = await atDesk(shell, program, (desk, by) => rejectResponse(desk, id, note, by))
      await shell.result(done, () => responseText(done))
      return undefined
    }),
  )
}

function defineUndo({ program, run }: Cli, respond: Command): void {
  const command = respond
    .command('undo')
    .summary('take an executed action back')
    .description('Takes back what can be: restrictions, and access keys that were deactivated.')
    .argument('<id>', 'the response, as `keyhound respond list` shows it')
    .option('--note <text>', 'why, for the audit trail')
    .addHelpText(
      'after',
      examples([
        ['What is in force', 'keyhound respond list --status executed'],
        [
          'Take it back',
          'keyhound respond undo 3f9c01ab77de --config keyhound.json --note "was a load test"',
        ],
      ]),
    )
  command.action((id: string, { note }: { note?: string }) =>
    run(command, async shell => {
      const { undoResponse } = await import('../../respond/carry-out.ts')
      const done = await atDesk(shell, program, (desk, by) =>
        undoResponse(desk, id, note ?? 'taken back by hand', by),
      )
      await shell.result(done, () => responseText(done))
      return done.status === 'failed' ? EXIT.failed : undefined
    }),
  )
}

/** Lends the state, the configuration and the world to one step, in the name of whoever calls. */
async function atDesk<T>(
  shell: Shell,
  program: Command,
  step: (desk: Desk, by: By) => Promise<T>,
): Promise<T> {
  const { withState } = await import('../../state/state.ts')
  const config = await shell.config()
  const outside = await outsideOf(shell, program.version() ?? 'unknown')
  const by = { actor: shell.actor, at: shell.effects.now() }
  return withState(await shell.workspace(), state => step({ state, config, outside }, by))
}

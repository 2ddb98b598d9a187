import type { AuditEntry, AuditFilter } from '../../state/audit.ts'
import type { Cli } from '../cli.ts'
import { minute, printable, table } from '../format.ts'
import { examples, parseCount, parseTime } from '../options.ts'
import type { Shell } from '../shell.ts'

interface ListOptions {
  actor?: string
  action?: string
  subject?: string
  tenant?: string
  from?: Date
  to?: Date
  before?: number
  limit: number
}

/** `keyhound audit`: who did what. */
export function defineAudit({ program, run }: Cli): void {
  const audit = program
    .command('audit')
    .summary('who did what: verdicts, suppressions, keys, lineage, responses')
    .description(
      'The audit trail has a line for everything that people, keys and playbooks change. It is only ever added to: the\n' +
        'database itself refuses to change or remove a line.',
    )
  const command = audit
    .command('list', { isDefault: true })
    .summary('the trail, newest first')
    .option('--actor <name>', 'only by them: cli:ann, key:4f1c09d2a7be')
    .option('--action <action>', 'only this, or all of a kind: alert.close, key')
    .option('--subject <subject>', 'only about this: alert:3fk2..., suppression:4')
    .option('--tenant <id>', 'only about this tenant')
    .option('--from <time>', 'at or after this, UTC', parseTime)
    .option('--to <time>', 'before this, UTC', parseTime)
    .option(
      '--before <number>',
      'only lines before this number: the page after one that ends with it',
      parseCount(1),
    )
    .option('--limit <n>', 'at most so many', parseCount(1), 100)
    .addHelpText(
      'after',
      examples([
        ['The latest', 'keyhound audit'],
        ['Who made and revoked keys', 'keyhound audit list --action key'],
        ['What Ann did on a day', 'keyhound audit list --actor cli:ann --from 2026-10-05 --to 2026-10-06'],
      ]),
    )
  command.action(({ tenant, ...options }: ListOptions) =>
    run(command, async shell => {
      const { hasState, withState } = await import('../../state/state.ts')
      const { listAudit } = await import('../../state/audit.ts')
      const workspace = await shell.workspace()
      const filter: AuditFilter = { ...options, ...(tenant && { tenantId: tenant }) }
      const lines = hasState(workspace) ? await withState(workspace, state => listAudit(state, filter)) : []
      await shell.result(lines, () => (lines.length === 0 ? 'nothing matches' : auditTable(lines, shell)))
      return undefined
    }),
  )
}

function auditTable(lines: readonly AuditEntry[], shell: Shell): string {
  return table(
    [{ name: 'number', align: 'right' }, 'at (UTC)', 'who', 'did', 'to', 'details'],
    lines.map(line => [
      String(line.auditId),
      minute(line.at),
      printable(line.actor),
      line.action,
      printable(line.subject),
      printable(JSON.stringify(line.details)),
    ]),
    shell.colors,
  )
}

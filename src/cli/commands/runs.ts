import { renameSync, writeFileSync } from 'node:fs'
import type { Command } from 'commander'
import {
  RUN_COMMANDS,
  RUN_STATUSES,
  type RunCommand,
  type RunRecord,
  type RunStatus,
} from '../../schema/run.ts'
import type { Cli } from '../cli.ts'
import { minute, number, printable, table } from '../format.ts'
import { choice, examples, parseCount } from '../options.ts'
import type { Shell } from '../shell.ts'

interface ListOptions {
  command?: RunCommand
  status?: RunStatus
  limit: number
}

/** `keyhound runs`: what the jobs did. */
export function defineRuns(cli: Cli): void {
  const runs = cli.program
    .command('runs')
    .summary('what ingest, train and score did, and when')
    .description(
      'Every run of ingest, train and score is on record: rows, rejects, alerts, seconds by stage, model and lag. A run that\n' +
        'was killed says so once the next one has taken over.',
    )
  defineList(cli, runs)
  defineMetrics(cli, runs)
}

function defineList({ run }: Cli, runs: Command): void {
  const command = runs
    .command('list', { isDefault: true })
    .summary('runs, newest first')
    .addOption(choice('--command <name>', 'only runs of this command', RUN_COMMANDS))
    .addOption(choice('--status <status>', 'only those that ended so', RUN_STATUSES))
    .option('--limit <n>', 'at most so many', parseCount(1), 20)
    .addHelpText(
      'after',
      examples([
        ['The latest', 'keyhound runs'],
        ['What went wrong', 'keyhound runs list --status failed'],
        ['Seconds by stage of the last scoring', 'keyhound runs list --command score --limit 1 --json'],
      ]),
    )
  command.action((options: ListOptions) =>
    run(command, async shell => {
      const { hasState, withState } = await import('../../state/state.ts')
      const { listRuns } = await import('../../state/runs.ts')
      const workspace = await shell.workspace()
      const found = hasState(workspace) ? await withState(workspace, state => listRuns(state, options)) : []
      await shell.result(found, () => (found.length === 0 ? 'no runs' : runTable(found, shell)))
      return undefined
    }),
  )
}

function runTable(runs: readonly RunRecord[], shell: Shell): string {
  const right = (name: string) => ({ name, align: 'right' as const })
  return table(
    [right('run'), 'command', 'began (UTC)', right('seconds'), 'status', 'model', 'did'],
    runs.map(run => [
      String(run.runId),
      run.command,
      minute(run.startedAt),
      run.endedAt === null ? '' : number((run.endedAt.getTime() - run.startedAt.getTime()) / 1000, 1),
      run.status,
      run.figures?.model ?? '',
      printable(run.error ?? didText(run)),
    ]),
    shell.colors,
  )
}

function didText({ figures }: RunRecord): string {
  if (figures === null) return ''
  const { rows, added, rejects, tokenHours, alerts, folded, lagSeconds } = figures
  const parts = [
    rows !== undefined && `${number(added)} of ${number(rows)} rows added, ${number(rejects)} rejected`,
    tokenHours !== undefined && `${number(tokenHours)} token-hours`,
    alerts !== undefined && `${number(alerts)} alerts, ${number(folded)} folded`,
    lagSeconds !== undefined && `${number(lagSeconds / 60)} min behind`,
  ]
  return parts.filter(Boolean).join('; ')
}

function defineMetrics({ run }: Cli, runs: Command): void {
  const command = runs
    .command('metrics')
    .summary('figures for Prometheus')
    .description(
      'Writes runs, lag and the open queue in the Prometheus text format: to a file for the textfile collector of the node\n' +
        'exporter, which sees the old one or the new one, never half of it; else to standard output.',
    )
    .option('--out <file>', 'file to write, ending in .prom for the collector')
    .addHelpText(
      'after',
      examples([
        ['To look at', 'keyhound runs metrics'],
        ['For the collector', 'keyhound runs metrics --out /var/lib/node_exporter/keyhound.prom'],
      ]),
    )
  command.action(({ out }: { out?: string }) =>
    run(command, async shell => {
      const text = await metricsText(shell)
      if (out === undefined) await shell.result({ metrics: text }, () => text.trimEnd())
      else writeMetrics(shell.path(out), text)
      return undefined
    }),
  )
}

async function metricsText(shell: Shell): Promise<string> {
  const { workspaceMetrics } = await import('../../pipeline/run-metrics.ts')
  return workspaceMetrics(await shell.context({ mustExist: true }))
}

/** `score --metrics-file`. */
export async function saveMetrics(shell: Shell, file: string): Promise<void> {
  writeMetrics(shell.path(file), await metricsText(shell))
}

function writeMetrics(file: string, text: string): void {
  writeFileSync(`${file}.tmp`, text)
  renameSync(`${file}.tmp`, file)
}

import { Gauge, Registry } from 'prom-client'
import { RUN_COMMANDS } from '../schema/run.ts'
import { SEVERITIES } from '../schema/scores.ts'
import { countRuns, newestRun } from '../state/runs.ts'
import { hasState, withState } from '../state/state.ts'
import type { Context } from './context.ts'
import { clockOf } from './run.ts'
import { listAlerts } from './triage.ts'

/** What is to be watched of a workspace, in the Prometheus text format: for its textfile collector, or a server's endpoint. */
export async function workspaceMetrics(context: Context): Promise<string> {
  const registry = new Registry()
  const gauge = (name: string, help: string, ...labelNames: string[]) =>
    new Gauge({ name: `keyhound_${name}`, help, labelNames, registers: [registry] })
  const runs = gauge('runs', 'Runs on record.', 'command', 'status')
  const succeeded = gauge(
    'run_last_success_timestamp_seconds',
    'End of the last run that was done.',
    'command',
  )
  const duration = gauge('run_duration_seconds', 'Wall time of the last run that was done.', 'command')
  const stage = gauge('run_stage_duration_seconds', 'Wall time of its stages.', 'command', 'stage')
  const figures = gauge('run_figure', 'What the last run that was done counted.', 'command', 'figure')
  const scoredUntil = gauge('scored_until_timestamp_seconds', 'End of the last hour scored.')
  const lag = gauge('score_lag_seconds', 'From the end of the last hour scored until now.')
  const alerts = gauge(
    'alerts_open',
    'Alerts in the queue: neither judged, held back nor folded.',
    'severity',
  )

  if (hasState(context.workspace)) {
    await withState(context.workspace, async state => {
      for (const { command, status, count } of await countRuns(state)) runs.set({ command, status }, count)
      for (const command of RUN_COMMANDS) {
        const run = await newestRun(state, command, 'done')
        if (run?.endedAt == null) continue
        succeeded.set({ command }, run.endedAt.getTime() / 1000)
        duration.set({ command }, (run.endedAt.getTime() - run.startedAt.getTime()) / 1000)
        const { seconds = {}, scoredTo, ...counted } = run.figures ?? {}
        for (const [name, value] of Object.entries(seconds)) stage.set({ command, stage: name }, value)
        for (const [figure, value] of Object.entries(counted))
          if (typeof value === 'number') figures.set({ command, figure }, value)
        if (scoredTo === undefined) continue
        scoredUntil.set(Date.parse(scoredTo) / 1000)
        lag.set((clockOf(context)().getTime() - Date.parse(scoredTo)) / 1000)
      }
    })
  }
  const open = await listAlerts(context, { status: 'open' })
  for (const severity of SEVERITIES)
    alerts.set({ severity }, open.filter(alert => alert.severity === severity).length)
  return registry.metrics()
}

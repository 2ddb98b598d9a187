import type { Row } from '../../lib/api.ts'
import { formatNumber, formatSpan } from '../../lib/format.ts'
import { Badge, type Tone } from '../../ui/badge.tsx'
import { Table } from '../../ui/table.tsx'
import { Time } from '../../ui/time.tsx'

type Run = Row<'Run'>

const TONES: Readonly<Record<Run['status'], Tone>> = {
  running: 'low',
  done: 'good',
  failed: 'critical',
  killed: 'high',
}

/** Milliseconds that a run took; null while it runs, and for one that was killed. */
export function msOf({ startedAt, endedAt }: Run): number | null {
  return endedAt === null ? null : Date.parse(endedAt) - Date.parse(startedAt)
}

export function durationOf(run: Run): string {
  const ms = msOf(run)
  if (ms === null) return '–'
  return ms < 10_000 ? `${(ms / 1000).toFixed(1)} s` : formatSpan(ms)
}

export function RunTable({ runs }: { readonly runs: readonly Run[] }) {
  return (
    <Table
      caption="Runs, newest first"
      rows={runs}
      keyOf={run => String(run.runId)}
      columns={[
        { name: 'Run', isNumber: true, cell: run => run.runId },
        { name: 'Command', cell: run => run.command },
        { name: 'Status', cell: run => <Badge tone={TONES[run.status]}>{run.status}</Badge> },
        { name: 'Began', cell: run => <Time at={run.startedAt} /> },
        { name: 'Took', isNumber: true, cell: run => durationOf(run) },
        {
          name: 'Lag',
          isNumber: true,
          title: 'from the end of the last hour scored to the end of the run',
          cell: run =>
            run.figures?.lagSeconds === undefined ? '–' : formatSpan(run.figures.lagSeconds * 1000),
        },
        { name: 'Rejected', isNumber: true, cell: run => formatNumber(run.figures?.rejects) },
        { name: 'Alerts', isNumber: true, cell: run => formatNumber(run.figures?.alerts) },
        { name: 'Model', cell: run => run.figures?.model ?? '–' },
        { name: 'By', cell: run => `${run.actor} on ${run.host}` },
        { name: 'Did', cell: run => <Did run={run} /> },
      ]}
    />
  )
}

/** What a run did in a sentence, the seconds of its stages behind it. */
function Did({ run }: { readonly run: Run }) {
  if (run.error !== null) return <span class="job-wrong">{run.error}</span>
  const { figures } = run
  if (figures === null) return <>–</>
  const { rows, added, tokenHours, folded, suppressed, rescored, rescoredChanged } = figures
  const parts = [
    rows !== undefined && `${formatNumber(added)} of ${formatNumber(rows)} rows added`,
    tokenHours !== undefined && `${formatNumber(tokenHours)} token-hours`,
    folded !== undefined && folded > 0 && `${formatNumber(folded)} folded`,
    suppressed !== undefined && suppressed > 0 && `${formatNumber(suppressed)} held back`,
    rescored !== undefined &&
      rescored > 0 &&
      `${formatNumber(rescoredChanged)} of ${formatNumber(rescored)} rescored changed`,
  ].filter(Boolean)
  const stages = Object.entries(figures.seconds ?? {}).sort((a, b) => b[1] - a[1])
  if (stages.length === 0) return <>{parts.join('; ') || '–'}</>
  return (
    <details>
      <summary>{parts.join('; ') || 'stages'}</summary>
      <dl class="stages small">
        {stages.map(([stage, seconds]) => [
          <dt key={`${stage} name`}>{stage}</dt>,
          <dd key={stage}>{seconds.toFixed(1)} s</dd>,
        ])}
      </dl>
    </details>
  )
}

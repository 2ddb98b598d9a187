import './runs.css'
import { useSignal } from '@preact/signals'
import { api, ask, type Row } from '../../lib/api.ts'
import { formatNumber, formatSpan } from '../../lib/format.ts'
import { useResource } from '../../lib/resource.ts'
import { Badge } from '../../ui/badge.tsx'
import { Card, Figure, Figures } from '../../ui/card.tsx'
import { Choice } from '../../ui/field.tsx'
import { EmptyState, Loaded } from '../../ui/states.tsx'
import { Table } from '../../ui/table.tsx'
import { Age, Time } from '../../ui/time.tsx'
import { RunChart } from './chart.tsx'
import { durationOf, RunTable } from './table.tsx'

const COMMANDS = [
  ['', 'every command'],
  ['ingest', 'ingest'],
  ['train', 'train'],
  ['score', 'score'],
  ['watch', 'watch'],
] as const
const STATUSES = [
  ['', 'however they ended'],
  ['running', 'running'],
  ['done', 'done'],
  ['failed', 'failed'],
  ['killed', 'killed'],
] as const

/** Of these the chart is drawn and the table filled; the API has all. */
const SHOWN = 100

type Command = Exclude<(typeof COMMANDS)[number][0], ''>
type Status = Exclude<(typeof STATUSES)[number][0], ''>

/** What the jobs did, whether they keep up, and what ingest could not read. */
export default function Runs() {
  const command = useSignal<Command | ''>('')
  const status = useSignal<Status | ''>('')
  const state = useResource(() => ask(api.GET('/v1/runs/state')), '', ['runs', 'scores'])
  const query = {
    limit: SHOWN,
    ...(command.value !== '' && { command: command.value }),
    ...(status.value !== '' && { status: status.value }),
  }
  const runs = useResource(
    () => ask(api.GET('/v1/runs', { params: { query } })),
    `${command.value} ${status.value}`,
    ['runs'],
  )
  return (
    <div class="view">
      <div class="view-head">
        <h1>Runs</h1>
        <span class="quiet">what ingest, train, score and watch did</span>
      </div>
      <Loaded of={state} what="the jobs">
        {found => (
          <>
            <StateCard of={found} />
            {found.rejects.length > 0 && <RejectsCard of={found.rejects} />}
          </>
        )}
      </Loaded>
      <Card
        title="Runs on record"
        aside={
          <span class="run-filter">
            <Choice
              label="Command"
              options={COMMANDS}
              value={command.value}
              onChange={event => {
                command.value = event.currentTarget.value as typeof command.value
              }}
            />
            <Choice
              label="Status"
              options={STATUSES}
              value={status.value}
              onChange={event => {
                status.value = event.currentTarget.value as typeof status.value
              }}
            />
          </span>
        }
      >
        <Loaded of={runs} what="runs">
          {({ items, next }) =>
            items.length === 0 ? (
              <EmptyState title="No run">
                <p>
                  Every <code>keyhound ingest</code>, <code>train</code>, <code>score</code> and{' '}
                  <code>watch</code> is put on record.
                </p>
              </EmptyState>
            ) : (
              <>
                <RunChart runs={items} />
                <RunTable runs={items} />
                {next !== null && <p class="quiet small">The newest {SHOWN} are shown.</p>}
              </>
            )
          }
        </Loaded>
      </Card>
    </div>
  )
}

function StateCard({ of }: { readonly of: Row<'RunState'> }) {
  const now = new Date()
  return (
    <div class="card">
      <Figures>
        <Figure
          name="Scoring lags behind"
          value={of.lagSeconds === null ? '–' : formatSpan(of.lagSeconds * 1000)}
          note={
            of.scoredTo === null ? (
              'nothing is scored yet'
            ) : (
              <>
                scored up to <Time at={of.scoredTo} />
              </>
            )
          }
        />
        {of.commands
          .filter(({ counts }) => counts.done + counts.failed + counts.killed + counts.running > 0)
          .map(({ command, done, failed, counts }) => (
            <Figure
              key={command}
              name={`Last ${command}`}
              value={done === null ? 'never done' : <Age at={done.endedAt ?? done.startedAt} now={now} />}
              note={
                <>
                  {done !== null && `took ${durationOf(done)}; `}
                  {formatNumber(counts.done)} done
                  {counts.running > 0 && (
                    <>
                      {' '}
                      <Badge tone="low">running</Badge>
                    </>
                  )}
                  {failed !== null && (
                    <>
                      {' '}
                      <Badge tone="critical" title={failed.error ?? undefined}>
                        failed since
                      </Badge>
                    </>
                  )}
                  {counts.killed > 0 && `, ${formatNumber(counts.killed)} killed`}
                </>
              }
            />
          ))}
      </Figures>
    </div>
  )
}

function RejectsCard({ of }: { readonly of: Row<'RunState'>['rejects'] }) {
  const rows = of.reduce((sum, one) => sum + one.rows, 0)
  return (
    <Card title="Rejected rows" aside={`${formatNumber(rows)} rows that could not become events`}>
      <Table
        caption="Rejected rows by reason"
        rows={of}
        keyOf={one => one.reason}
        columns={[
          { name: 'Reason', cell: one => one.reason },
          { name: 'Rows', isNumber: true, cell: one => formatNumber(one.rows) },
          { name: 'Files', isNumber: true, cell: one => formatNumber(one.files) },
          { name: 'Ingests', isNumber: true, cell: one => formatNumber(one.batches) },
        ]}
      />
    </Card>
  )
}

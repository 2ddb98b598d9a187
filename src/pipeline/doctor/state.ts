import { messageOf } from '../../lib/errors.ts'
import type { Check } from '../../schema/doctor.ts'
import { inspectState } from '../../state/inspect.ts'
import { isDead, listLeases } from '../../state/leases.ts'
import { countDeliveries } from '../../state/outbox.ts'
import { listRuns, newestRun } from '../../state/runs.ts'
import { hasState, type State } from '../../state/state.ts'
import { listSuppressions } from '../../state/suppressions.ts'
import { type DoctorContext, fail, minute, ok, some, warn } from './check.ts'

/** A source or map that does not fit rejects nearly every row, stray lines are some in a thousand: in between somebody should look. */
const REJECTED_SHARE = 0.05

export async function checkState(context: DoctorContext): Promise<Check[]> {
  const { workspace } = context
  const place = workspace.stateDatabase === undefined ? workspace.stateFile : 'PostgreSQL'
  if (!hasState(workspace))
    return [ok('state', 'no state yet: it is made by the first run, verdict or suppression', place)]
  try {
    return await inspectState(workspace, async ({ version, known, state }) => {
      if (version > known)
        return [
          fail(
            'state',
            `is of version ${version}, this Keyhound knows up to ${known}`,
            place,
            'use the newer Keyhound that wrote it',
          ),
        ]
      if (version === 0)
        return [ok('state', 'empty: its tables are made by the first run, verdict or suppression', place)]
      // Tables of an earlier version are not those that the other checks read.
      if (version < known)
        return [
          warn(
            'state',
            `is of version ${version}, this Keyhound writes ${known}`,
            place,
            'the next command that writes upgrades it; keep a backup',
          ),
        ]
      return [
        ok('state', `answers, version ${version}`, place),
        ...(await checkLeases(context, state)),
        await checkRuns(state),
        await checkRejects(state),
        ...(await checkDeliveries(state)),
        await checkSuppressions(context, state),
      ]
    })
  } catch (error) {
    return [
      fail(
        'state',
        messageOf(error),
        place,
        workspace.stateDatabase === undefined
          ? 'restore it from a backup; verdicts and suppressions are in it'
          : 'is the server up, and are state.url or KEYHOUND_STATE_URL and the password right?',
      ),
    ]
  }
}

async function checkLeases({ now }: DoctorContext, state: State): Promise<Check[]> {
  const leases = await listLeases(state)
  if (leases.length === 0) return [ok('leases', 'no run is at work')]
  return leases.map(lease => {
    const who = `${lease.purpose} (process ${lease.pid} on ${lease.host}, since ${minute(lease.since)} UTC)`
    if (lease.expiresAt <= now || isDead(lease))
      return warn(
        'leases',
        `${who} was killed and never let go`,
        lease.name,
        'the next run takes over by itself; was the machine out of memory?',
      )
    return ok('leases', `${who} is at work`, lease.name)
  })
}

async function checkRuns(state: State): Promise<Check> {
  const [last] = await listRuns(state, { limit: 1 })
  if (last === undefined) return ok('runs', 'no run yet')
  const what = `the last run, ${last.command} of ${minute(last.startedAt)} UTC, ${RUN_ENDS[last.status]}`
  if (last.status === 'done' || last.status === 'running') return ok('runs', what)
  return warn(
    'runs',
    last.error === null ? what : `${what}: ${last.error}`,
    `run ${last.runId}`,
    'run it again; earlier ones: keyhound runs',
  )
}

const RUN_ENDS = {
  done: 'ended well',
  running: 'is at work',
  failed: 'failed',
  killed: 'was killed',
} as const

async function checkRejects(state: State): Promise<Check> {
  const run = await newestRun(state, 'ingest', 'done')
  const { rows = 0, rejects = 0 } = run?.figures ?? {}
  if (rows === 0) return ok('rejects', 'no run of ingest to judge by')
  const share = rejects / rows
  const what = `${rejects} of ${rows} rows of the last ingest were rejected (${(100 * share).toFixed(1)} %)`
  if (share <= REJECTED_SHARE) return ok('rejects', what)
  return warn(
    'rejects',
    what,
    'data/rejects',
    'why: keyhound query "SELECT reason, count(*) FROM rejects GROUP BY ALL"; is the source right? keyhound ingest --source, --map',
  )
}

async function checkDeliveries(state: State): Promise<Check[]> {
  const dead = (await countDeliveries(state)).filter(one => one.status === 'dead' && one.count > 0)
  if (dead.length === 0) return [ok('deliveries', 'no message was given up')]
  return dead.map(({ sink, count }) =>
    warn(
      'deliveries',
      `${some(count, 'message')} to ${sink} ${count === 1 ? 'was' : 'were'} given up`,
      sink,
      'why: keyhound sinks dead; once it is mended: keyhound sinks retry',
    ),
  )
}

async function checkSuppressions({ now }: DoctorContext, state: State): Promise<Check> {
  const all = await listSuppressions(state)
  const expired = all.filter(one => one.expiresAt <= now)
  const standing = `${some(all.length - expired.length, 'suppression')} in force`
  if (expired.length === 0) return ok('suppressions', standing)
  const named = expired
    .slice(0, 5)
    .map(one => `${one.suppressionId} (${one.owner}, ${one.expiresAt.toISOString().slice(0, 10)})`)
  return warn(
    'suppressions',
    `${standing}, ${expired.length} expired: ${named.join(', ')}${expired.length > 5 ? ', ...' : ''}`,
    null,
    'their alerts are back; renew them with keyhound alerts suppress, or tidy up with keyhound alerts unsuppress NUMBER',
  )
}

import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import type { Selectable } from 'kysely'
import type { State } from './state.ts'
import type { LeasesTable } from './tables.ts'

/** One process's hold on a piece of work, for a time. */
export interface Lease {
  readonly name: string
  /** Unique to the one time that it was taken. */
  readonly holder: string
  /** The command at work. */
  readonly purpose: string
  readonly host: string
  readonly pid: number
  readonly since: Date
  readonly expiresAt: Date
}

/**
 * Takes a lease that is free or has run out at `wanted.since`; one statement decides, so that of two at once one has it. Answers null
 * when it was taken, else who holds it.
 */
export async function takeLease(state: State, wanted: Lease): Promise<Lease | null> {
  const row = {
    name: wanted.name,
    holder: wanted.holder,
    purpose: wanted.purpose,
    host: wanted.host,
    pid: wanted.pid,
    since: wanted.since.getTime(),
    expires_at: wanted.expiresAt.getTime(),
  }
  const { name, ...values } = row
  const taken = await state.db
    .insertInto('leases')
    .values(row)
    .onConflict(conflict =>
      conflict.column('name').doUpdateSet(values).where('leases.expires_at', '<=', row.since),
    )
    .returning('holder')
    .executeTakeFirst()
  if (taken !== undefined) return null
  return await readLease(state, name)
}

/**
 * Takes a lease for this process; what a process of this machine holds that has died does not stand in the way. Answers the lease, or
 * who has it.
 */
export async function claimLease(
  state: State,
  { name, purpose, since, ms }: { name: string; purpose: string; since: Date; ms: number },
): Promise<{ readonly lease: Lease } | { readonly heldBy: Lease | null }> {
  const wanted: Lease = {
    name,
    holder: randomUUID(),
    purpose,
    host: hostname(),
    pid: process.pid,
    since,
    expiresAt: new Date(since.getTime() + ms),
  }
  for (;;) {
    const heldBy = await takeLease(state, wanted)
    if (heldBy !== null && isDead(heldBy)) {
      await releaseLease(state, heldBy)
      continue
    }
    const isOurs = heldBy === null && (await readLease(state, name))?.holder === wanted.holder
    return isOurs ? { lease: wanted } : { heldBy }
  }
}

/** A process of this machine that is no more. One of another machine is believed to live. */
export function isDead({ host, pid }: Lease): boolean {
  if (host !== hostname()) return false
  try {
    process.kill(pid, 0)
    return false
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH'
  }
}

/** Who holds a lease, whether or not it has run out; null when nobody does. */
export async function readLease(state: State, name: string): Promise<Lease | null> {
  const row = await state.db.selectFrom('leases').selectAll().where('name', '=', name).executeTakeFirst()
  return row === undefined ? null : leaseOf(row)
}

/** Every lease, run out or not, by name. */
export async function listLeases(state: State): Promise<Lease[]> {
  return (await state.db.selectFrom('leases').selectAll().orderBy('name').execute()).map(leaseOf)
}

function leaseOf({ since, expires_at, ...rest }: Selectable<LeasesTable>): Lease {
  return {
    ...rest,
    pid: Number(rest.pid),
    since: new Date(Number(since)),
    expiresAt: new Date(Number(expires_at)),
  }
}

/** Holds on for longer. False when somebody else has it by now. */
export async function renewLease(state: State, { name, holder }: Lease, until: Date): Promise<boolean> {
  const { numUpdatedRows } = await state.db
    .updateTable('leases')
    .set({ expires_at: until.getTime() })
    .where('name', '=', name)
    .where('holder', '=', holder)
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

/** Lets go; a lease that somebody else has by now stays theirs. */
export async function releaseLease(
  state: State,
  { name, holder }: Pick<Lease, 'name' | 'holder'>,
): Promise<void> {
  await state.db.deleteFrom('leases').where('name', '=', name).where('holder', '=', holder).execute()
}

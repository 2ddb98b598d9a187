import { appendFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Random } from '../../../src/lib/random.ts'
import type { Stage } from './stage.ts'

/** Bad events a second: a thief's script at an easy pace. */
const STOLEN_RATE = 5
/** The thief's autonomous system, country and client, as alerts write them: a reason that names one is about the theft. */
export const STOLEN_MARKS = ['AS64500', '\\"KP\\"', 'python-requests']

/** A log that grows at a steady rate. */
export interface Feed {
  readonly path: string
  readonly written: number
  readonly stolenToken: string
  /** `performance.now()` at the first bad event; null before. */
  readonly stolenSince: number | null
  /** Appends what is due by so many seconds after the beginning. */
  writeUntil(seconds: number, isStolen: boolean): void
}

export function createFeed(stage: Stage, { rate, random }: { rate: number; random: Random }): Feed {
  const path = join(stage.workspace.root, '..', 'live.jsonl')
  writeFileSync(path, '')
  const { pool } = stage
  const victim = pool[Math.floor(pool.length / 2)]!
  let written = 0
  let due = 0
  let bad = 0
  let stolenFrom: number | null = null
  let stolenSince: number | null = null
  const line = (record: Record<string, unknown>, seconds: number) =>
    `${JSON.stringify({ ...record, event_id: `live-${written++}`, time: new Date(stage.liveFrom.getTime() + 1000 * seconds).toISOString() })}\n`
  return {
    path,
    get written() {
      return written
    },
    stolenToken: String(victim.token_id),
    get stolenSince() {
      return stolenSince
    },
    writeUntil(seconds, isStolen) {
      const lines: string[] = []
      for (; due < seconds * rate; due++)
        lines.push(line(pool[Math.floor(random.next() * pool.length)]!, due / rate))
      if (isStolen) {
        stolenFrom ??= seconds
        for (; stolenFrom + bad / STOLEN_RATE <= seconds; bad++)
          lines.push(line(stolen(victim, bad), stolenFrom + bad / STOLEN_RATE))
      }
      if (lines.length > 0) appendFileSync(path, lines.join(''))
      if (isStolen) stolenSince ??= performance.now()
    },
  }
}

/** What the thief does: from elsewhere, with a script, export and deletion of what the token never touched. */
function stolen(victim: Record<string, unknown>, n: number): Record<string, unknown> {
  return {
    ...victim,
    source_ip: '203.0.113.7',
    asn: 64500,
    country: 'KP',
    user_agent: 'python-requests/2.31.0',
    method: n % 2 === 0 ? 'GET' : 'DELETE',
    path: `/v2/admin/users/${n}`,
    operation: n % 2 === 0 ? 'admin.users.export' : 'admin.users.delete',
    status: n % 3 === 0 ? 403 : 200,
    response_bytes: 400_000,
  }
}

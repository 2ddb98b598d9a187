import { DETECTOR_NAMES } from '../../scoring/score-windows.ts'
import type { Context } from '../context.ts'
import { BAND_DAYS, type KnownSubject, loadStory, type Subject, sqlTime } from './subject.ts'

/** Hours from this severity on are not taken for usual. */
const ALERTED = "('medium', 'high', 'critical')"

/** One hour with traffic. */
export interface StoryHour {
  /** UTC. */
  readonly start: Date
  readonly requests: number
  readonly denied: number | null
  readonly responseBytes: number | null
  /** Null where it is not scored. */
  readonly risk: number | null
  readonly score: number | null
  /** Codes of its reasons with their share of the score, strongest first. */
  readonly reasons: readonly { readonly code: string; readonly contribution: number }[]
}

/** One UTC day: what the token did beside its own 28 days before and its peers of the day. */
export interface StoryDay {
  readonly day: string
  readonly requests: number
  /** 5th, 50th and 95th percentile of its requests a day before; null until a week is known. */
  readonly low: number | null
  readonly median: number | null
  readonly high: number | null
  /** Median and 90th percentile of the peers that were active; null without. */
  readonly peerMedian: number | null
  readonly peerHigh: number | null
}

/** What is usual at an hour of the day, from the days of the story, alerted hours left out. */
export interface UsualHour {
  /** Saturdays and Sundays apart. */
  readonly isWeekend: boolean
  /** UTC, 0-23. */
  readonly hour: number
  /** 5th, 50th and 95th percentile of requests, hours without traffic counting as none. */
  readonly low: number
  readonly median: number
  readonly high: number
}

export interface Timeline {
  readonly subject: KnownSubject
  readonly hours: readonly StoryHour[]
  /** Calibrated surprise of each detector in each of the hours, nats; null where not scored. Quiet detectors are left out. */
  readonly detectors: readonly { readonly name: string; readonly nats: readonly (number | null)[] }[]
  readonly days: readonly StoryDay[]
  readonly usualHours: readonly UsualHour[]
}

/** A detector that never found an hour rarer than one in e is not told of, nats. */
const QUIET_NATS = 1

/** What a token did, hour by hour, beside what is usual. Null for one without traffic in the period. */
export async function tokenTimeline(context: Context, asked: Subject): Promise<Timeline | null> {
  const subject = await loadStory(context, asked, BAND_DAYS)
  if (subject === null) return null
  await context.engine.run(
    `CREATE OR REPLACE TEMP TABLE story_hours AS SELECT a.window_start, a.requests, a.denied, a.response_bytes, s.* EXCLUDE (window_start)
     FROM (FROM story WHERE token_id = $tokenId) a
     LEFT JOIN (FROM scores WHERE tenant_id = $tenantId AND token_id = $tokenId) s USING (window_start)`,
    { tenantId: asked.tenantId, tokenId: asked.tokenId },
  )
  const { hours, detectors } = await readHours(context, asked)
  const days = await readDays(context, asked)
  return { subject, hours, detectors, days, usualHours: await readUsualHours(context, asked) }
}

type HourRow = Omit<StoryHour, 'reasons'> & { reasons: string | null } & Record<string, unknown>

async function readHours({ engine }: Context, { from }: Subject) {
  const rows = await engine.rows<HourRow>(
    `SELECT window_start AS start, requests, denied, response_bytes AS "responseBytes", risk, score, reasons,
       ${DETECTOR_NAMES.map(name => `detector_${name}`).join(', ')}
     FROM story_hours WHERE window_start >= ${sqlTime(from)} ORDER BY window_start`,
  )
  const hours = rows.map(
    ({ start, requests, denied, responseBytes, risk, score, reasons }): StoryHour => ({
      start,
      requests,
      denied,
      responseBytes,
      risk,
      score,
      reasons: ((reasons === null ? [] : JSON.parse(reasons)) as StoryHour['reasons']).map(
        ({ code, contribution }) => ({ code, contribution }),
      ),
    }),
  )
  const detectors = DETECTOR_NAMES.map(name => ({
    name,
    nats: rows.map(row => (row[`detector_${name}`] as number | null) ?? null),
  })).filter(({ nats }) => nats.some(value => value !== null && value >= QUIET_NATS))
  return { hours, detectors }
}

async function readDays({ engine }: Context, { tokenId, from, to }: Subject): Promise<StoryDay[]> {
  return engine.rows<StoryDay>(
    `WITH daily AS (
       SELECT token_id, window_start::DATE AS day, sum(requests)::DOUBLE AS n FROM story
       WHERE token_id = $tokenId OR token_id IN (FROM peers) GROUP BY ALL
     ), own AS (SELECT day, n FROM daily WHERE token_id = $tokenId
     ), dense AS (
       SELECT d.day::DATE AS day, coalesce(own.n, 0) AS n
       FROM generate_series((SELECT min(day) FROM own)::TIMESTAMP, ${sqlTime(to)} - INTERVAL 1 DAY, INTERVAL 1 DAY) d(day)
       LEFT JOIN own ON own.day = d.day::DATE
     ), band AS (
       SELECT day, n, count(*) OVER before AS known, quantile_cont(n, 0.05) OVER before AS low,
         quantile_cont(n, 0.5) OVER before AS median, quantile_cont(n, 0.95) OVER before AS high
       FROM dense WINDOW before AS (ORDER BY day RANGE BETWEEN INTERVAL ${BAND_DAYS} DAYS PRECEDING AND INTERVAL 1 DAY PRECEDING)
     ), beside AS (
       SELECT day, quantile_cont(n, 0.5) AS "peerMedian", quantile_cont(n, 0.9) AS "peerHigh" FROM daily
       WHERE token_id <> $tokenId GROUP BY day
     )
     SELECT strftime(day, '%Y-%m-%d') AS day, n AS requests, CASE WHEN known >= 7 THEN low END AS low,
       CASE WHEN known >= 7 THEN median END AS median, CASE WHEN known >= 7 THEN high END AS high, "peerMedian", "peerHigh"
     FROM band LEFT JOIN beside USING (day) WHERE day >= ${sqlTime(from)}::DATE ORDER BY day`,
    { tokenId },
  )
}

async function readUsualHours({ engine }: Context, { from, to }: Subject): Promise<UsualHour[]> {
  return engine.rows<UsualHour>(
    `WITH dense AS (
       SELECT h.start, coalesce(own.requests, 0) AS n
       FROM generate_series((SELECT greatest(min(window_start), ${sqlTime(from)}) FROM story_hours), ${sqlTime(to)} - INTERVAL 1 HOUR, INTERVAL 1 HOUR) h(start)
       LEFT JOIN story_hours own ON own.window_start = h.start WHERE NOT coalesce(own.severity IN ${ALERTED}, false)
     )
     SELECT isodow(start) >= 6 AS "isWeekend", hour(start)::INTEGER AS hour, quantile_cont(n, 0.05) AS low,
       quantile_cont(n, 0.5) AS median, quantile_cont(n, 0.95) AS high
     FROM dense GROUP BY ALL ORDER BY ALL`,
  )
}

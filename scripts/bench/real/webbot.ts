import { join } from 'node:path'
import { auroc, averagePrecision, baseRate } from '../../../src/lib/metrics.ts'
import { createRandom } from '../../../src/lib/random.ts'
import { ingest } from '../../../src/pipeline/ingest.ts'
import { score } from '../../../src/pipeline/score.ts'
import { train } from '../../../src/pipeline/train.ts'
import { openViews } from '../../../src/pipeline/views.ts'
import { type Engine, quoteText } from '../../../src/sql/duckdb.ts'
import { datasetFile, withTrial } from './harness.ts'

/** AUROC of a random forest that learned both classes, 5-fold (the data set's README). */
export const WEBBOT_REFERENCE: Readonly<Record<string, number>> = { moderate_bot: 0.959, advanced_bot: 0.93 }

export interface WebbotFigures {
  readonly folds: number
  readonly attackTypes: readonly WebbotQuality[]
}

/** Means over the folds, of sessions at their highest hour. */
export interface WebbotQuality {
  readonly attackType: string
  readonly sessions: number
  readonly auroc: number
  /** Lowest and highest fold. */
  readonly aurocRange: { readonly low: number; readonly high: number }
  readonly averagePrecision: number
  readonly baseRate: number
}

/** Of one fold. */
type FoldQuality = Omit<WebbotQuality, 'aurocRange'>

interface Session {
  readonly token: string
  readonly phase: 'phase1' | 'phase2'
  readonly attackType: string | null
}

const FOLDS = 5
const SEED = 1
/** Sessions that begin on one training day. */
const SESSIONS_A_DAY = 4
/** Days of phase 2 at the start: training takes the first third of its days for history only. */
const HISTORY_DAYS = 5
/** When every session begins: its true day and hour tell the class. */
const FIRST_BEGIN = Date.UTC(2026, 0, 5, 6)
const DAY_MS = 86_400_000

/**
 * Web sessions of people and of bots, a session a token, without what leaks the class: user agent, folder and absolute
 * time. People of phase 2 are the history, four fifths of those of phase 1 what is usual; scored are the rest and all bots, on one
 * later day, so that no scored session is another's history. No bot is seen in training: ours is unsupervised, the
 * reference is not.
 */
export async function runWebbot(scratch: string): Promise<WebbotFigures> {
  const qualities: FoldQuality[][] = []
  for (let fold = 0; fold < FOLDS; fold++) qualities.push(await runFold(join(scratch, `fold-${fold}`), fold))
  const mean = (of: (quality: FoldQuality) => number, type: number) =>
    qualities.reduce((sum, fold) => sum + of(fold[type]!), 0) / FOLDS
  return {
    folds: FOLDS,
    attackTypes: qualities[0]!.map(({ attackType, sessions }, type) => ({
      attackType,
      sessions,
      auroc: mean(quality => quality.auroc, type),
      aurocRange: {
        low: Math.min(...qualities.map(fold => fold[type]!.auroc)),
        high: Math.max(...qualities.map(fold => fold[type]!.auroc)),
      },
      averagePrecision: mean(quality => quality.averagePrecision, type),
      baseRate: mean(quality => quality.baseRate, type),
    })),
  }
}

function runFold(scratch: string, fold: number): Promise<FoldQuality[]> {
  return withTrial(scratch, async ({ context, write }) => {
    const { engine, workspace } = context
    const sessions = await readSessions(engine)
    const { begins, scoredFrom } = planDays(sessions, fold)
    await engine.load('begins', {
      token_id: [...begins.keys()],
      begin: Float64Array.from(begins.values()),
    })
    const logs = await write(
      'events.parquet',
      `SELECT epoch_ms((begin + epoch_ms(time) - min(epoch_ms(time)) OVER (PARTITION BY token_id))::BIGINT) AS time,
         token_id, method, path, status, response_bytes
       FROM ${SOURCE} JOIN begins USING (token_id) ORDER BY 1`,
    )
    await ingest(context, { paths: [logs], tokens: 'identifier' })
    await train(context, { until: scoredFrom })
    await score(context, { from: scoredFrom })
    await openViews(engine, workspace)
    const scored = await engine.rows<{ token: string; score: number }>(
      'SELECT token_id AS token, max(score) AS score FROM scores GROUP BY ALL ORDER BY token',
    )
    const typeOf = new Map(sessions.map(session => [session.token, session.attackType]))
    return Object.keys(WEBBOT_REFERENCE).map(attackType => {
      const rows = scored.filter(row => [null, attackType].includes(typeOf.get(row.token)!))
      const scores = rows.map(row => row.score)
      const isBot = rows.map(row => typeOf.get(row.token) === attackType)
      return {
        attackType,
        sessions: isBot.filter(Boolean).length,
        auroc: auroc(scores, isBot),
        averagePrecision: averagePrecision(scores, isBot),
        baseRate: baseRate(isBot),
      }
    })
  })
}

const SOURCE = `(SELECT * FROM read_parquet(${quoteText(datasetFile('webbot_sessions'))}) WHERE label IS NOT NULL)`

function readSessions(engine: Engine): Promise<Session[]> {
  return engine.rows<Session>(`SELECT token_id AS token, min(phase) AS phase, min(attack_type) AS "attackType"
    FROM ${SOURCE} GROUP BY ALL ORDER BY token`)
}

/** When each session begins, ms: a day that says nothing of what drove it. */
function planDays(sessions: readonly Session[], fold: number) {
  const random = createRandom(SEED)
  const people = sessions.filter(session => session.attackType === null)
  const old = people.filter(session => session.phase === 'phase2')
  const recent = people.filter(session => session.phase === 'phase1')
  random.shuffle(recent)
  const tested = recent.filter((_, i) => i % FOLDS === fold)
  const usual = recent.filter((_, i) => i % FOLDS !== fold)
  const scoredDay = HISTORY_DAYS + Math.ceil(usual.length / SESSIONS_A_DAY)
  const begins = new Map<string, number>()
  const place = (session: Session, day: number) => begins.set(session.token, FIRST_BEGIN + day * DAY_MS)
  old.forEach((session, i) => {
    place(session, i % HISTORY_DAYS)
  })
  usual.forEach((session, i) => {
    place(session, HISTORY_DAYS + Math.floor(i / SESSIONS_A_DAY))
  })
  for (const session of [...tested, ...sessions.filter(session => session.attackType !== null)])
    place(session, scoredDay)
  const scoredFrom = new Date(Math.floor(FIRST_BEGIN / DAY_MS + scoredDay) * DAY_MS)
  return { begins, scoredFrom }
}

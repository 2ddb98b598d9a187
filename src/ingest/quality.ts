import { type Engine, quoteText } from '../sql/duckdb.ts'
import { listNames } from './columns.ts'
import type { BrokenRow, LogColumn, OpenLog } from './log.ts'
import { badFile } from './probe.ts'
import type { IngestedFile } from './summary.ts'
import { LEFT_OUT, LIVE_CREDENTIAL, MISSING_TOKEN } from './tokens.ts'

/**
 * A file with more malformed rows than this share is reported as bad (its good rows are kept): one in a thousand is what
 * a killed or rotated writer leaves in a real log, more is a wrong format. Rows without a token are not malformed.
 */
const MALFORMED_SHARE = 0.001

/** Reasons that are no fault of the log: requests of nobody, and records that a source or a map leaves out. */
const FAULTLESS: readonly string[] = [MISSING_TOKEN, LEFT_OUT]

export interface Judged {
  readonly files: IngestedFile[]
  readonly reasons: ReadonlyMap<string, number>
  readonly outOfOrder: number
}

/**
 * Counts what became of a staged log's rows, and says which of its files are bad. Throws `bad-input` when the log is to
 * be refused as a whole: most of its tokens are live credentials although the user said that they are identifiers.
 */
export async function judgeLog(
  engine: Engine,
  log: OpenLog,
  staged: { path: string; offset: number; broken: readonly BrokenRow[]; source: string },
): Promise<Judged> {
  const rows = await engine.rows<{ file: number; reason: string | null; n: number; disordered: number }>(
    // Rows stand in the order of their files: a window over all of them need not be sorted.
    `SELECT file, reason, count(*) AS n, count(*) FILTER (disordered AND reason IS NULL) AS disordered FROM (
       SELECT file, reason, time < lag(time) OVER () AND file = lag(file) OVER () AS disordered
       FROM read_parquet(${quoteText(staged.path)}, hive_partitioning = false)
     ) GROUP BY ALL`,
  )
  const byFile = log.files.map(() => new Map<string | null, number>())
  const count = (file: number, reason: string | null, n: number) =>
    byFile[file]!.set(reason, (byFile[file]!.get(reason) ?? 0) + n)
  for (const row of rows) count(row.file - staged.offset, row.reason, row.n)
  for (const row of staged.broken) count(row.file, row.reason, 1)

  const reasons = new Map<string, number>()
  const files = log.files.map((path, i) => {
    const counts = byFile[i]!
    const total = sum(counts.values())
    const good = counts.get(null) ?? 0
    refuseCredentials(path, counts, total)
    for (const [reason, n] of counts) if (reason !== null) reasons.set(reason, (reasons.get(reason) ?? 0) + n)
    const file: IngestedFile = {
      path,
      source: staged.source,
      format: log.format,
      rows: total,
      accepted: 0,
      duplicates: 0,
      rejected: total - good,
    }
    const error = problemOf(counts, total, good, log.columns)
    return error === null ? file : { ...file, error: `${path}: ${error}` }
  })
  return { files, reasons, outOfOrder: sum(rows.map(row => row.disordered)) }
}

function refuseCredentials(path: string, counts: ReadonlyMap<string | null, number>, total: number): void {
  if ((counts.get(LIVE_CREDENTIAL) ?? 0) * 2 <= total) return
  throw badFile(
    path,
    'holds live credentials where --tokens identifier expects names of tokens; nothing of it was kept. Ingest it with --tokens secret, which hashes them',
  )
}

function problemOf(
  counts: ReadonlyMap<string | null, number>,
  total: number,
  good: number,
  columns: readonly LogColumn[],
): string | null {
  if (total === 0) return 'holds no records; remove it, or write the log again'
  if (counts.get(LEFT_OUT) === total) return null
  if (counts.get(MISSING_TOKEN) === total)
    return `none of its ${total} records can be used: ${told(counts)}. It names no key, session or user where they are looked for; name the column that stands for the caller with --map, {"token_id": "<your column>"}; found: ${listNames(columns)}`
  if (good === 0) return `none of its ${total} records can be used: ${told(counts)}`
  const malformed = total - good - FAULTLESS.reduce((n, reason) => n + (counts.get(reason) ?? 0), 0)
  if (malformed <= total * MALFORMED_SHARE) return null
  return `${malformed} of its ${total} records are malformed and were rejected, the others are kept: ${told(counts)}`
}

function told(counts: ReadonlyMap<string | null, number>): string {
  return [...counts]
    .filter(([reason]) => reason !== null)
    .sort((a, b) => b[1] - a[1])
    .map(([reason, n]) => `${reason} (${n})`)
    .join(', ')
}

function sum(numbers: Iterable<number>): number {
  let total = 0
  for (const n of numbers) total += n
  return total
}

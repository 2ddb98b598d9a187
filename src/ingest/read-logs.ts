import { rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Progress } from '../schema/run.ts'
import type { Engine } from '../sql/duckdb.ts'
import type { Workspace } from '../sql/workspace.ts'
import { ALIASES, matchColumns } from './columns.ts'
import { workspaceKey } from './identity.ts'
import type { BrokenRow, OpenLog } from './log.ts'
import type { LogMap } from './map.ts'
import { fileError, openAlone, openLogs, openRepaired } from './open.ts'
import { judgeLog } from './quality.ts'
import { isOpenQuote } from './read-csv.ts'
import type { SourceName, TokenKind } from './source.ts'
import { generic } from './sources/generic.ts'
import { chooseSource, fieldsOf } from './sources.ts'
import { type Staged, stageLog } from './stage.ts'
import { failedFile, type IngestedFile } from './summary.ts'
import { type TextForm, takeApart } from './text-form.ts'
import { type Understanding, understand } from './understand.ts'

const BY_FORMAT = { source: generic, why: 'lines of the format given' }

/** What reading the logs left behind for the writing of events. */
export interface Reading {
  readonly files: IngestedFile[]
  readonly staged: Staged & { readonly paths: string[]; readonly columns: Set<string> }
  /** The same by source: what came out is judged source by source. */
  readonly bySource: Map<string, { readonly paths: string[]; readonly columns: Set<string> }>
  readonly broken: BrokenRow[]
  readonly notes: string[]
  readonly kinds: Set<TokenKind>
  /** What stands for the tokens of each source. */
  readonly kindOf: Map<string, TokenKind>
  /** Rejected rows by reason. */
  readonly reasons: Map<string, number>
  outOfOrder: number
  /** What was taken for what in each log; empty unless it was asked for. */
  readonly understood: UnderstoodLog[]
}

/** A log, where its columns come from, and what became of its rows. */
export interface UnderstoodLog extends Understanding {
  readonly source: SourceName
  readonly why: string
  readonly tokens: TokenKind
  readonly files: readonly IngestedFile[]
  readonly reasons: ReadonlyMap<string, number>
  readonly notes: readonly string[]
  readonly staged: Staged
}

export interface ReadOptions {
  /** The form of the lines, where the user gives it. */
  readonly form?: TextForm | undefined
  readonly source: 'auto' | SourceName
  readonly map: LogMap | null
  /** What tokens are; undefined: what the source's are. */
  readonly tokens: TokenKind | undefined
  readonly tenant: string | undefined
  /** Notes what was taken for what, instead of telling it in a line. @default false */
  readonly explain?: boolean
}

/** Where logs are read: the engine that does it, the workspace whose key hashes tokens, a folder for what is staged. */
export interface ReadPlace {
  readonly engine: Engine
  readonly workspace: Workspace
  readonly progress: Progress
  readonly scratch: string
}

export function emptyReading(): Reading {
  return {
    files: [],
    staged: { paths: [], columns: new Set() },
    bySource: new Map(),
    broken: [],
    notes: [],
    kinds: new Set(),
    kindOf: new Map(),
    reasons: new Map(),
    outOfOrder: 0,
    understood: [],
  }
}

/** Stages files as Parquet below `scratch`, and adds to `reading` what became of each. */
export async function readLogs(
  place: ReadPlace,
  files: readonly string[],
  options: ReadOptions,
  reading: Reading,
): Promise<void> {
  const { engine, progress, scratch } = place
  const said = new Map<string, number>()
  progress.start('reading logs', files.length)
  for await (const opened of openLogs(engine, files, scratch, options.form !== undefined)) {
    if ('leftOut' in opened) {
      said.set(opened.leftOut, (said.get(opened.leftOut) ?? 0) + 1)
      progress.step(1, opened.path)
      continue
    }
    if ('error' in opened) {
      refuse(reading, opened.path, opened.error)
      progress.step(1, opened.path)
      continue
    }
    const { log } = opened
    const error = await readLog(place, log, options, reading, said)
    if (error !== null) {
      if (log.format === 'csv') await readApart(place, log.files, error, options, reading, said)
      else for (const file of log.files) refuse(reading, file, fileError(file, error))
    }
    progress.step(log.files.length, log.files[0])
  }
  progress.done()
  for (const [what, count] of said)
    reading.notes.push(`${count === 1 ? '1 file' : `${count} files`}: ${what}`)
}

/** Files that failed as one log, one by one: only what is bad is refused. What the engine cannot split is written anew first. */
async function readApart(
  place: ReadPlace,
  files: readonly string[],
  why: unknown,
  options: ReadOptions,
  reading: Reading,
  said: Map<string, number>,
): Promise<void> {
  const { engine, scratch } = place
  for (const file of files) {
    let error: unknown = why
    if (files.length > 1)
      error = await readLog(place, await openAlone(engine, file, scratch), options, reading, said)
    if (error !== null && isSplitWrongly(error))
      error = await readLog(place, await openRepaired(engine, file, scratch), options, reading, said)
    if (error !== null) refuse(reading, file, fileError(file, error))
  }
}

/** The reader met a quotation mark that is not closed, and may have taken all that follows for one value. */
const OPEN_QUOTE = new Error('a quotation mark is not closed')

function isSplitWrongly(error: unknown): boolean {
  return error === OPEN_QUOTE || /^Invalid Input Error: The CSV Parser/.test(String((error as Error).message))
}

/** Stages and judges one log, then closes it; answers the error for which nothing of it was kept. */
async function readLog(
  { engine, workspace, scratch }: ReadPlace,
  opened: OpenLog,
  options: ReadOptions,
  reading: Reading,
  said: Map<string, number>,
): Promise<unknown> {
  const offset = reading.files.length
  const path = join(scratch, `staged-${reading.staged.paths.length}.parquet`)
  try {
    const { source, why } = options.form === undefined ? chooseSource(opened, options.source) : BY_FORMAT
    let log =
      options.form === undefined
        ? (source.prepare?.(opened) ?? opened)
        : takeApart(opened, options.form, 'a line of the format given')
    if (source === generic && log.widen !== undefined && lacksColumns(log, options.map))
      log = await log.widen()
    const { fields, notes, ...found } = fieldsOf(source, log, options.map)
    const tokens = options.tokens ?? found.tokens ?? source.tokens
    let key: Buffer | undefined
    const columns = await stageLog(engine, log, fields, {
      tokens,
      key: () => {
        key ??= workspaceKey(workspace)
        return key
      },
      fileOffset: offset,
      path,
      leftOut: found.leftOut,
      ...(options.tenant !== undefined && { tenant: options.tenant }),
    })
    const broken = await log.brokenRows()
    if (log.mayLoseRows === true && broken.some(({ reason }) => isOpenQuote(reason))) throw OPEN_QUOTE
    const judged = await judgeLog(engine, log, { path, offset, broken, source: source.name })
    reading.files.push(...judged.files)
    for (const [reason, count] of judged.reasons)
      reading.reasons.set(reason, (reading.reasons.get(reason) ?? 0) + count)
    reading.broken.push(...broken.map(row => ({ ...row, file: row.file + offset })))
    reading.outOfOrder += judged.outOfOrder
    const ofSource = reading.bySource.get(source.name) ?? { paths: [], columns: new Set<string>() }
    reading.bySource.set(source.name, ofSource)
    for (const staged of [reading.staged, ofSource]) {
      staged.paths.push(path)
      for (const column of columns) staged.columns.add(column)
    }
    reading.kinds.add(tokens)
    reading.kindOf.set(
      found.identity === undefined ? source.name : `${source.name} (${found.identity})`,
      tokens,
    )
    if (options.explain === true) {
      const { files, reasons } = judged
      const staged = { paths: [path], columns: new Set(columns) }
      const understanding = understand(source, log, options)
      reading.understood.push({
        source: source.name,
        why,
        tokens,
        files,
        reasons,
        notes,
        staged,
        ...understanding,
      })
    } else {
      const recognised = found.recognised === undefined ? [] : [found.recognised]
      const kind = tokensNote(tokens, options.tokens)
      const what = [`${source.name}: ${why}`, ...recognised, ...notes, kind].join('; ')
      said.set(what, (said.get(what) ?? 0) + log.files.length)
    }
    return null
  } catch (error) {
    rmSync(path, { force: true })
    return error
  } finally {
    await opened.close()
  }
}

/** Is a column missing that every event needs, so that the beginning of the file may not show all there is? */
function lacksColumns(log: OpenLog, map: LogMap | null): boolean {
  const found = matchColumns(log.columns, { time: ALIASES.time!, token_id: ALIASES.token_id! })
  return (['time', 'token_id'] as const).some(name => !found.has(name) && map?.fields[name] === undefined)
}

/** A file of which nothing is used: told, and kept among the rejects as a whole. */
export function refuse(reading: Reading, path: string, error: string): void {
  reading.broken.push({
    file: reading.files.length,
    row: null,
    reason: `file: ${error.replace(`${path}: `, '')}`,
  })
  reading.files.push(failedFile(path, error))
}

function tokensNote(tokens: TokenKind, wanted: TokenKind | undefined): string {
  const what = tokens === 'secret' ? 'tokens hashed under the workspace key' : 'token ids kept as they are'
  return wanted === undefined ? `${what} (by default)` : what
}

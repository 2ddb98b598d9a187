import { existsSync } from 'node:fs'
import { hashTokens } from '../ingest/identity.ts'
import { KeyhoundError, messageOf } from '../lib/errors.ts'
import { EVENT_COLUMNS } from '../schema/event.ts'
import type { EventLabel, IncidentMaking, IntervalLabel, Labels } from '../schema/labels.ts'
import { type Engine, quoteName, quoteText } from '../sql/duckdb.ts'
import { createView, type Workspace } from '../sql/workspace.ts'

/** Names under which each column is recognised, in lower case, the canonical one first. */
const ALIASES = {
  event_id: ['event_id', 'eventid'],
  token_id: ['token_id', 'token', 'tokenid'],
  start: ['start', 'start_time', 'from'],
  end: ['end', 'end_time', 'until', 'to'],
  incident_id: ['incident_id', 'incident'],
  attack_type: ['attack_type', 'attack', 'type'],
  intensity: ['intensity'],
  injected: ['injected'],
} as const
type LabelColumn = keyof typeof ALIASES

const EVENT_FORM = ['event_id', 'incident_id', 'attack_type'] as const
const INTERVAL_FORM = ['token_id', 'start', 'end', 'incident_id', 'attack_type'] as const
/** Columns that either form may have. */
const OPTIONAL = ['intensity', 'injected'] as const

/** Problems named in one message; a file of the wrong kind has one in every row. */
const NAMED_PROBLEMS = 5

/**
 * Reads a labels file (CSV, Parquet or JSONL, each but Parquet also .gz/.zst), recognising by its columns whether it labels
 * events or intervals of tokens. Token ids that the workspace does not know are hashed when it keeps hashed ones.
 * Throws 'not-found' without the file and 'bad-input' for one that cannot be used, naming columns or rows at fault.
 */
export async function readLabels(engine: Engine, workspace: Workspace, path: string): Promise<Labels> {
  const source = fileSource(path, 'labels')
  const columns = await describe(engine, source, path)
  const found = new Map<LabelColumn, string>()
  for (const [column, names] of Object.entries(ALIASES) as [LabelColumn, readonly string[]][]) {
    const match = columns.find(name => names.includes(name.trim().toLowerCase()))
    if (match !== undefined) found.set(column, match)
  }
  const kind = found.has('event_id') ? 'event' : 'interval'
  const form: readonly LabelColumn[] = kind === 'event' ? EVENT_FORM : INTERVAL_FORM
  const missing = form.filter(column => !found.has(column))
  if (missing.length > 0)
    throw new KeyhoundError(
      'bad-input',
      `labels file ${path} lacks ${missing.map(name => `"${name}"`).join(', ')}; found: ${columns.join(', ')}. ` +
        `It needs either ${EVENT_FORM.join(', ')} or ${INTERVAL_FORM.join(', ')}.`,
      { where: path },
    )

  const list = [...form, ...OPTIONAL.filter(column => found.has(column))].map(
    column => `${quoteName(found.get(column)!)}::VARCHAR AS ${quoteName(column)}`,
  )
  const rows = await read<LabelRow>(engine, `SELECT ${list.join(', ')} FROM ${source}`, path)
  const problems: string[] = []
  rows.forEach((row, i) => {
    const empty = form.filter(column => row[column] === null || row[column].trim() === '')
    if (empty.length > 0) problems.push(`row ${i + 1}: ${empty.join(', ')} empty`)
  })
  failOn(problems, path)

  if (kind === 'event') {
    const labels = rows.map(
      (row): EventLabel => ({
        eventId: row.event_id!,
        incidentId: row.incident_id!,
        attackType: row.attack_type!,
        ...originOf(row),
      }),
    )
    return { kind, rows: labels }
  }
  const ids = await resolveTokens(
    engine,
    workspace,
    rows.map(row => row.token_id!),
  )
  const labels = rows.map((row, i): IntervalLabel => {
    const start = parseMoment(row.start!)
    const end = parseMoment(row.end!)
    if (start === null) problems.push(`row ${i + 1}: start is not a time`)
    if (end === null) problems.push(`row ${i + 1}: end is not a time`)
    if (start !== null && end !== null && end <= start) problems.push(`row ${i + 1}: end is not after start`)
    return {
      tokenId: ids[i]!,
      start: start ?? new Date(Number.NaN),
      end: end ?? new Date(Number.NaN),
      incidentId: row.incident_id!,
      attackType: row.attack_type!,
      ...originOf(row),
    }
  })
  failOn(problems, path)
  return { kind, rows: labels }
}

/** Texts of a row; optional columns that the file lacks are undefined. */
type LabelRow = Record<LabelColumn, string | null>

function originOf({ intensity, injected }: Partial<LabelRow>): IncidentMaking {
  return {
    ...(intensity && { intensity }),
    ...(injected && /^(true|t|yes|1)$/i.test(injected.trim()) && { injected: true }),
  }
}

/**
 * Reads a list of token ids: one a line, or a CSV, Parquet or JSONL file with a `token_id` column. As {@link readLabels}
 * does, it hashes what the workspace does not know. Answers each id once.
 */
export async function readTokenList(engine: Engine, workspace: Workspace, path: string): Promise<string[]> {
  const source = fileSource(path, 'token list')
  const columns = await describe(engine, source, path)
  const named = columns.find(name =>
    (ALIASES.token_id as readonly string[]).includes(name.trim().toLowerCase()),
  )
  if (named === undefined && columns.length > 1)
    throw new KeyhoundError(
      'bad-input',
      `token list ${path} has no "token_id" column; found: ${columns.join(', ')}`,
      { where: path },
    )
  // Without a header the first id was taken for the column's name.
  const header = named === undefined ? columns : []
  const column = named ?? columns[0]!
  const rows = await read<{ id: string | null }>(
    engine,
    `SELECT ${quoteName(column)}::VARCHAR AS id FROM ${source}`,
    path,
  )
  const ids = [...header, ...rows.map(row => row.id ?? '')].map(id => id.trim()).filter(id => id !== '')
  return resolveTokens(engine, workspace, [...new Set(ids)])
}

/** The table function that reads a file, by its ending. CSV stays text, so that ids of digits keep their zeros. */
function fileSource(path: string, what: string): string {
  if (!existsSync(path))
    throw new KeyhoundError('not-found', `${what} file ${path} does not exist`, { where: path })
  const name = path.toLowerCase().replace(/\.(gz|zst)$/, '')
  const literal = quoteText(path)
  if (name.endsWith('.parquet')) return `read_parquet(${literal})`
  if (/\.(jsonl|ndjson|json)$/.test(name)) return `read_json(${literal})`
  return `read_csv(${literal}, all_varchar = true, header = true)`
}

async function describe(engine: Engine, source: string, path: string): Promise<string[]> {
  return wrap(path, async () => (await engine.describe(`SELECT * FROM ${source}`)).map(c => c.name))
}

async function read<T>(engine: Engine, sql: string, path: string): Promise<T[]> {
  return wrap(path, () => engine.rows<T>(sql))
}

/** The engine's own message may quote the row at fault, and with it a raw token: only its first words are passed on. */
async function wrap<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const kind = messageOf(error).split(/[:\n]/)[0]
    throw new KeyhoundError(
      'bad-input',
      `${path} cannot be read (${kind}): it should be CSV, Parquet or JSONL as its name says`,
      { where: path },
    )
  }
}

function failOn(problems: readonly string[], path: string): void {
  if (problems.length === 0) return
  const named = problems.slice(0, NAMED_PROBLEMS).join('; ')
  const more = problems.length > NAMED_PROBLEMS ? `; and ${problems.length - NAMED_PROBLEMS} more` : ''
  throw new KeyhoundError('bad-input', `labels file ${path}: ${named}${more}`, { where: path })
}

/** Ids as the workspace keeps them: unchanged where it knows them or keeps plain ones, else hashed under its key. */
async function resolveTokens(
  engine: Engine,
  workspace: Workspace,
  ids: readonly string[],
): Promise<string[]> {
  if (!existsSync(workspace.keyFile) || ids.length === 0) return [...ids]
  await createView(engine, 'events', workspace.events, EVENT_COLUMNS)
  await engine.load('label_tokens', { token_id: [...new Set(ids)] })
  const known = await engine.texts(
    'SELECT token_id FROM label_tokens WHERE token_id IN (SELECT DISTINCT token_id FROM events)',
  )
  await engine.run('DROP TABLE label_tokens')
  const kept = new Set(known.columns[0])
  const hashed = hashTokens(workspace, ids)
  return ids.map((id, i) => (kept.has(id) ? id : hashed[i]!))
}

/** ISO 8601 (UTC where it names no zone), or seconds or milliseconds since 1970. Null when it is neither. */
export function parseMoment(text: string): Date | null {
  const trimmed = text.trim()
  if (/^\d{9,10}(\.\d+)?$/.test(trimmed)) return new Date(Math.round(Number(trimmed) * 1000))
  if (/^\d{12,13}$/.test(trimmed)) return new Date(Number(trimmed))
  const parts =
    /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)\s*(Z|[+-]\d{2}(?::?\d{2})?)?)?$/i.exec(
      trimmed,
    )
  if (parts === null) return null
  const [, day, time = '00:00', zone = 'Z'] = parts
  const offset = /^z$/i.test(zone) ? 'Z' : `${zone.slice(0, 3)}:${zone.slice(3).replace(':', '') || '00'}`
  const moment = new Date(`${day}T${time.replace(/(\.\d{3})\d+$/, '$1')}${offset}`)
  return Number.isNaN(moment.getTime()) ? null : moment
}

import { cpSync, existsSync, mkdirSync, renameSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as Plot from '@observablehq/plot'
import {
  type Context,
  type Engine,
  ingest,
  openEngine,
  openViews,
  openWorkspace,
  SIMULATE_DEFAULTS,
  score,
  silentProgress,
  simulate,
  train,
} from 'keyhound'
import { parseHTML } from 'linkedom'
import { display } from 'tslab'

/** Four weeks of logs of 80 tokens in several tenants; attacks and their benign twins from the third week on. Always the same. */
export const WORLD = {
  ...SIMULATE_DEFAULTS,
  tokens: 80,
  events: 40_000,
  days: 28,
  seed: 7,
  attackFromDay: 14,
  incidents: 24,
}

const DAY_MS = 86_400_000

/** Midnight (UTC) that begins the n-th day of the logs. */
export function day(n: number): Date {
  return new Date(WORLD.start.getTime() + n * DAY_MS)
}

/** What a notebook works with: a workspace of its own, its labels, an engine whose views are the workspace's tables. */
export interface World {
  readonly context: Context
  readonly engine: Engine
  /** Folder of the simulated logs: events/, tokens.csv, labels.csv. */
  readonly logs: string
  readonly labels: string
}

/** How far the workspace has come: events only; features and a model of the first two weeks; weeks three and four scored as well. */
export type Stage = 'ingested' | 'trained' | 'scored'
const STAGES: readonly Stage[] = ['ingested', 'trained', 'scored']

/**
 * A copy of the simulated workspace at a stage, for this notebook alone. Stages are made once and kept in the scratch folder:
 * KEYHOUND_NOTEBOOKS where it is set, else keyhound-notebooks below the system's temporary folder; delete it to begin anew.
 */
export async function openWorld(notebook: string, stage: Stage): Promise<World> {
  const scratch = process.env.KEYHOUND_NOTEBOOKS ?? join(tmpdir(), 'keyhound-notebooks')
  const logs = join(scratch, 'logs')
  const labels = join(logs, 'labels.csv')
  const engine = await openEngine({ threads: 2 })
  const contextAt = (folder: string): Context => ({
    engine,
    workspace: openWorkspace(folder),
    progress: silentProgress,
    // A notebook gives the same numbers whenever it is run.
    now: day(WORLD.days),
  })
  let from: string | undefined
  for (const next of STAGES.slice(0, STAGES.indexOf(stage) + 1)) {
    const folder = join(scratch, next)
    if (!existsSync(folder)) {
      const unfinished = `${folder}.${process.pid}`
      mkdirSync(unfinished, { recursive: true })
      if (from !== undefined) cpSync(from, unfinished, { recursive: true })
      await make[next](contextAt(unfinished), logs)
      renameSync(unfinished, folder)
    }
    from = folder
  }
  const own = join(scratch, `${notebook}.${process.pid}`)
  cpSync(from!, own, { recursive: true })
  const context = contextAt(own)
  await openViews(engine, context.workspace)
  return { context, engine, logs, labels }
}

const make: Record<Stage, (context: Context, logs: string) => Promise<unknown>> = {
  async ingested(context, logs) {
    await simulate(context.engine, logs, WORLD, silentProgress)
    const tokens = 'identifier'
    return ingest(context, { paths: [join(logs, 'events')], inventory: join(logs, 'tokens.csv'), tokens })
  },
  trained: context => train(context, { until: day(14) }),
  scored: context => score(context, { from: day(14), to: day(28) }),
}

/** Shows a plot as SVG. */
export function plot(options: Plot.PlotOptions): void {
  const { document } = parseHTML('<html><body></body></html>') as unknown as { document: never }
  const chart = Plot.plot({
    width: 720,
    marginLeft: 60,
    style: { background: 'white' },
    ...options,
    document,
  })
  chart.setAttribute('xmlns', 'http://www.w3.org/2000/svg')
  display.svg(chart.outerHTML)
}

/** Shows records as a table; numbers go right, to `digits` digits after the point where a column has any. */
export function table(rows: readonly object[], digits = 2): void {
  const names = Object.keys(rows[0] ?? {})
  const columns = names.map(name => rows.map(row => (row as Record<string, unknown>)[name]))
  const places = columns.map(cells =>
    cells.some(cell => typeof cell === 'number' && !Number.isInteger(cell)) ? digits : 0,
  )
  const text = (value: unknown, c: number) => {
    if (typeof value === 'number')
      return value.toLocaleString('en', {
        minimumFractionDigits: places[c],
        maximumFractionDigits: places[c],
      })
    if (value === null || value === undefined) return '-'
    return value instanceof Date ? value.toISOString() : String(value)
  }
  const align = columns.map(cells => (cells.some(cell => typeof cell === 'number') ? 'right' : 'left'))
  const cell = (tag: 'th' | 'td', content: string, c: number) =>
    `<${tag} style="text-align:${align[c]}">${escapeHtml(content)}</${tag}>`
  const head = names.map((name, c) => cell('th', name, c)).join('')
  const body = rows.map(
    (_, r) => `<tr>${columns.map((cells, c) => cell('td', text(cells[r], c), c)).join('')}</tr>`,
  )
  display.html(`<table>\n<thead><tr>${head}</tr></thead>\n<tbody>\n${body.join('\n')}\n</tbody>\n</table>`)
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

import { cpSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { processEffects } from '../src/cli/effects.ts'
import { runCli } from '../src/cli/program.ts'
import { ROUTES, type Route } from '../src/dashboard/routes.ts'
import type { Context } from '../src/pipeline/context.ts'
import { judgeAlert, listAlerts, type TriagedAlert } from '../src/pipeline/triage.ts'
import { defaultConfig } from '../src/schema/config.ts'
import { silentProgress } from '../src/schema/run.ts'
import { createLogger } from '../src/server/log.ts'
import { openServer } from '../src/server/open.ts'
import { openEngine, quoteText } from '../src/sql/duckdb.ts'
import { dayOf, listDays, openWorkspace } from '../src/sql/workspace.ts'
import { findChromium, openBrowser, withoutChromium } from '../test/browser.ts'

// Pictures of every view of the page, from a demo workspace, into docs/screenshots: npm run docs:screenshots [-- --workspace DIR]
// DIR is one that `keyhound demo --workspace DIR` made; without it one is made, which takes a minute or two.

const OUT = fileURLToPath(new URL('../docs/screenshots', import.meta.url))
const SIZE = { width: 1440, height: 900 }
/** What a README can carry, bytes. */
const MOST_BYTES = 250_000

const { values } = parseArgs({ options: { workspace: { type: 'string' } } })
const scratch = mkdtempSync(join(tmpdir(), 'keyhound-screenshots-'))
const executable = findChromium()
if (executable === null) throw new Error(withoutChromium('screenshots'))
mkdirSync(OUT, { recursive: true })

/** The demo, with every alert but the newest day's judged as its labels have it: a morning like any other. */
async function openMorning(): Promise<{ root: string; worst: TriagedAlert }> {
  const root = join(scratch, 'W')
  if (values.workspace === undefined)
    await runCli(['demo', '--workspace', root], processEffects(), 'screenshots')
  else cpSync(values.workspace, root, { recursive: true })
  const workspace = openWorkspace(root)
  const engine = await openEngine({})
  const now = new Date()
  const context: Context = { engine, workspace, config: defaultConfig(), progress: silentProgress, now }
  const incidents = await engine.rows<{ token: string; start: Date; end: Date }>(
    `SELECT token_id AS token, start, "end" FROM read_csv(${quoteText(join(root, 'logs', 'incidents.csv'))})`,
  )
  const isMisuse = ({ tokenId, firstSeen, lastSeen }: TriagedAlert) =>
    incidents.some(({ token, start, end }) => token === tokenId && start < lastSeen && end >= firstSeen)
  const open = await listAlerts(context, { status: 'open' })
  const newest = listDays(workspace.scores).at(-1)!
  for (const alert of open.filter(one => dayOf(one.firstSeen) < newest)) {
    const verdict = isMisuse(alert) ? 'true_positive' : 'false_positive'
    await judgeAlert(context, alert.alertId, { verdict, note: null, who: 'labels', source: 'simulated' })
  }
  const left = await listAlerts(context, { status: 'open' })
  engine.close()
  return { root, worst: left[0]! }
}

/** Tries a change on the stored history, so that its view has something to show: it goes on with the newest replay. */
async function tryChange(url: string): Promise<void> {
  const ask = async (path: string, body?: unknown) => {
    const headers = { 'content-type': 'application/json' }
    const sent = body === undefined ? {} : { method: 'POST', headers, body: JSON.stringify(body) }
    const answer = await fetch(url + path, sent)
    if (!answer.ok) throw new Error(`${path}: ${await answer.text()}`)
    return (await answer.json()) as { jobId: number; status: string }
  }
  let job = await ask('/v1/replays', { change: { riskThreshold: 70 } })
  while (job.status === 'running') {
    await setTimeout(500)
    job = await ask(`/v1/jobs/${job.jobId}`)
  }
}

try {
  const { root, worst } = await openMorning()
  const server = await openServer({
    workspace: openWorkspace(root),
    config: defaultConfig(),
    logger: createLogger(undefined, 'silent'),
    version: 'screenshots',
    clock: () => new Date(),
    port: 0,
  })
  if (!server.hasPage) throw new Error('the page is not built: npm run build:page')
  await tryChange(server.url)
  const browser = await openBrowser(executable)
  const shoot = async (route: Route, colorScheme: 'light' | 'dark') => {
    const page = await browser.newPage({ viewport: SIZE, colorScheme, reducedMotion: 'reduce' })
    await page.goto(`${server.url}${route.sample?.(worst) ?? route.path}`)
    await page.locator('main h1').first().waitFor()
    await page.waitForLoadState('networkidle')
    await page.waitForFunction("document.querySelector('.spinner') === null")
    const name = `${route.folder}${colorScheme === 'dark' ? '-dark' : ''}.png`
    await page.screenshot({ path: join(OUT, name) })
    await page.close()
    const { size } = statSync(join(OUT, name))
    console.log(
      `${name}  ${Math.round(size / 1000)} kB${size > MOST_BYTES ? ', too large for a README' : ''}`,
    )
  }
  for (const route of ROUTES) await shoot(route, 'light')
  await shoot(ROUTES[0]!, 'dark')
  await browser.close()
  await server.close(0)
} finally {
  rmSync(scratch, { recursive: true, force: true })
}

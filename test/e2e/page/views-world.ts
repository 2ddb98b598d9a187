import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Browser, chromium, type Page } from 'playwright-core'
import { build } from 'vite'
import { train } from '../../../src/pipeline/train.ts'
import { dayAt } from '../../pipeline/office.ts'
import { type ApiWorld, openApiWorld } from '../../server/world.ts'

const project = fileURLToPath(new URL('../../..', import.meta.url))

/** Where systems have Chromium, unless CHROMIUM names another. */
const CHROMIUMS = [
  process.env.CHROMIUM ?? '',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]

/** The browser to test with; undefined where there is none. */
export const executablePath = CHROMIUMS.find(path => path !== '' && existsSync(path))

/** A served workspace with two model versions, and a browser. */
export interface ViewsWorld {
  readonly api: ApiWorld
  readonly configFile: string
  /** A page of a new session that is logged in with a key, and every complaint of its console. */
  open(
    key: string,
    path: string,
    colorScheme?: 'light' | 'dark',
  ): Promise<{ page: Page; complaints: string[] }>
  close(): Promise<void>
}

export async function openViewsWorld(): Promise<ViewsWorld> {
  await build({ configFile: join(project, 'scripts', 'page.vite.ts') })
  const api = await openApiWorld()
  await train(api.office.context, { until: dayAt(6) })
  const { root } = api.services.workspace
  const configFile = join(root, 'keyhound.json')
  writeFileSync(configFile, JSON.stringify({ alerts: { budgetPerDay: 0.5 } }))
  const server = await serve(root, configFile)
  const browser = await chromium.launch({ executablePath: executablePath!, args: ['--no-sandbox'] })
  return {
    api,
    configFile,
    open: (key, path, colorScheme = 'light') =>
      openPage(browser, server.url, api.keys[key]!, path, colorScheme),
    async close() {
      await browser.close()
      server.child.kill('SIGTERM')
      await server.ended
      await api.close()
    },
  }
}

/** `keyhound serve`, as anybody starts it. */
async function serve(
  root: string,
  configFile: string,
): Promise<{ child: ChildProcess; url: string; ended: Promise<unknown> }> {
  const args = ['--import', 'tsx', join(project, 'src', 'cli', 'main.ts'), 'serve', '--port', '0', '--json']
  const options = ['--log-level', 'error', '--workspace', root, '--config', configFile]
  const child = spawn(process.execPath, [...args, ...options], {
    cwd: project,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = new Promise(resolve => child.once('close', resolve))
  const url = await new Promise<string>((resolve, reject) => {
    let said = ''
    child.stdout.on('data', piece => {
      said += piece
      if (said.trimEnd().endsWith('}')) resolve(JSON.parse(said).url)
    })
    ended.then(() => reject(new Error('the server ended before it listened')))
  })
  return { child, url, ended }
}

async function openPage(
  browser: Browser,
  url: string,
  key: string,
  path: string,
  colorScheme: 'light' | 'dark',
): Promise<{ page: Page; complaints: string[] }> {
  const context = await browser.newContext({ colorScheme, viewport: { width: 1400, height: 900 } })
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('pageerror', error => complaints.push(error.message))
  page.on('console', message => {
    if (message.type() === 'error') complaints.push(message.text())
  })
  await page.goto(url + path)
  await page.getByLabel('API key').fill(key)
  await page.getByRole('button', { name: 'Log in' }).click()
  await page.getByRole('heading', { level: 1 }).waitFor()
  return { page, complaints }
}

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** What axe finds wrong with a page, by WCAG 2.2 AA: rule and element. */
export async function violationsOf(page: Page): Promise<string[]> {
  await page.evaluate(axeSource)
  return page.evaluate(async () => {
    // biome-ignore lint/suspicious/noExplicitAny: axe is a global of the page alone.
    const { axe } = globalThis as any
    const runOnly = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']
    const { violations } = await axe.run({ runOnly })
    return violations.flatMap((one: { id: string; nodes: { target: string[] }[] }) =>
      one.nodes.map(node => `${one.id}: ${node.target.join(' ')}`),
    )
  })
}

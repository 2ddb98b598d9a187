import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** A page of a browser of its own, with everything that it complains of and asks others for. */
export interface WatchedPage {
  readonly page: Page
  /** Console errors, exceptions, refusals of the content security policy. */
  readonly errors: string[]
  /** Addresses elsewhere that it asked for. */
  readonly outside: string[]
  close(): Promise<void>
}

export async function openWatched(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<WatchedPage> {
  const context = await browser.newContext({
    baseURL: url,
    viewport: { width: 1440, height: 900 },
    reducedMotion: 'reduce',
    ...options,
  })
  const page = await context.newPage()
  const errors: string[] = []
  const outside: string[] = []
  page.on('console', message => {
    if (message.type() === 'error' || message.type() === 'warning') errors.push(message.text())
  })
  page.on('pageerror', error => errors.push(String(error)))
  page.on('request', request => {
    if (!request.url().startsWith(url) && !request.url().startsWith('data:')) outside.push(request.url())
  })
  return { page, errors, outside, close: () => context.close() }
}

/** Logs in as the form does, and opens the queue. */
export async function logIn(page: Page, key: string): Promise<void> {
  await page.request.post('/v1/session', { data: { key } })
  await page.goto('/')
  await page.getByRole('heading', { level: 1, name: 'Queue' }).waitFor()
}

/** Waits until a view has its data: nothing loads any more. */
export async function settle(page: Page): Promise<void> {
  await page.locator('main h1').first().waitFor()
  await page.waitForLoadState('networkidle')
  await page.waitForFunction("document.querySelector('.spinner') === null")
}

/** What axe finds serious or critical, as texts; by some of its rules alone, where these are named. */
export async function axeFindings(page: Page, rules?: readonly string[]): Promise<string[]> {
  await page.evaluate(AXE)
  return page.evaluate(async only => {
    interface Found {
      id: string
      impact: string | null
      help: string
      nodes: { target: unknown[]; failureSummary?: string }[]
    }
    const { axe } = globalThis as unknown as {
      axe: { run(options: object): Promise<{ violations: Found[] }> }
    }
    const { violations } = await axe.run({ resultTypes: ['violations'], ...(only && { runOnly: only }) })
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, help, nodes }) => {
        const where = nodes.slice(0, 3).map(node => `${node.target.join(' ')}: ${node.failureSummary ?? ''}`)
        return `${id}: ${help}; ${where.join(' | ')}`
      })
  }, rules)
}

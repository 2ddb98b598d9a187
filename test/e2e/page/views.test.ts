import { readFileSync } from 'node:fs'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { findChromium, openBrowser, withoutChromium } from '../../browser.ts'
import { openViewsWorld, type ViewsWorld } from './views-world.ts'
import { axeFindings, logIn, openWatched, settle, type WatchedPage } from './watched.ts'

const LONG_MS = 110_000

const chromium = findChromium()
const title = chromium === null ? withoutChromium('the views in a browser') : 'the views in a browser'

describe.skipIf(chromium === null)(title, () => {
  let world: ViewsWorld
  let browser: Browser
  let opened: WatchedPage[] = []

  beforeAll(async () => {
    world = await openViewsWorld()
    browser = await openBrowser(chromium!)
  })
  afterAll(async () => {
    await browser?.close()
    await world?.close()
  })
  afterEach(async () => {
    const complaints = opened.flatMap(({ errors, outside }) => [...errors, ...outside])
    for (const one of opened) await one.close()
    opened = []
    expect(complaints).toEqual([])
  })

  /** A window of its own, logged in with a key of the world. */
  async function open(key: string, path: string, colorScheme: 'light' | 'dark' = 'light'): Promise<Page> {
    const one = await openWatched(browser, world.url, { colorScheme })
    opened.push(one)
    await logIn(one.page, world.api.keys[key]!)
    await one.page.goto(path)
    return one.page
  }

  describe('explore', () => {
    const matching = async (page: Page): Promise<number> => {
      const text = await page.locator('[data-figure="matching"] strong').textContent()
      return Number(text!.replaceAll(',', ''))
    }
    /** Waits until the count is another. */
    const changed = async (page: Page, from: number): Promise<number> => {
      await expect.poll(() => matching(page), { timeout: LONG_MS }).not.toBe(from)
      await page.locator('[data-figure="took"]', { hasText: 'counted in' }).waitFor()
      return matching(page)
    }

    test('a brush narrows the other views: typed, dragged, chosen; and is cleared', async () => {
      const page = await open('viewer', '/explore')
      const operations = page.getByRole('list', { name: 'Operation' })
      await operations.waitFor({ timeout: LONG_MS })
      const all = await matching(page)
      const listed = await operations.textContent()

      await page.getByLabel('Risk from').fill('50')
      await page.getByLabel('Risk from').press('Enter')
      const risky = await changed(page, all)
      const rows = await world.api.office.rows<{ n: number }>(
        'SELECT count(*) AS n FROM scores WHERE risk >= 50',
      )
      expect(risky).toBe(rows[0]!.n)
      expect(await operations.textContent()).not.toBe(listed)
      expect(page.url()).toContain('brushes=')

      await page.keyboard.press('Escape')
      await page.getByRole('heading', { name: 'Explore' }).click()
      await page.keyboard.press('c')
      expect(await changed(page, risky)).toBe(all)

      // By the mouse, over the right half of the hours of the day: from noon on.
      const box = (await page
        .getByRole('region', { name: 'Hour of the day' })
        .locator('.brush')
        .boundingBox())!
      await page.mouse.move(box.x + box.width * 0.51, box.y + 10)
      await page.mouse.down()
      await page.mouse.move(box.x + box.width * 0.7, box.y + 10, { steps: 3 })
      await page.mouse.move(box.x + box.width - 1, box.y + 10, { steps: 3 })
      await page.mouse.up()
      const late = await changed(page, all)
      const after = await world.api.office.rows<{ n: number }>(
        "SELECT count(*) AS n FROM scores WHERE date_part('hour', window_start) >= 12",
      )
      expect(late).toBe(after[0]!.n)
      expect(await page.getByLabel('Hour of the day from').inputValue()).toBe('12')

      await page.getByRole('checkbox', { name: /^globex/ }).check()
      const both = await changed(page, late)
      expect(both).toBeLessThan(late)
      // Sent to somebody else, the address shows the same.
      const address = new URL(page.url())
      const other = await open('viewer', address.pathname + address.search)
      await other.getByRole('list', { name: 'Operation' }).waitFor({ timeout: LONG_MS })
      expect(await matching(other)).toBe(both)
    })

    test('a key of a tenant sees its own hours, and no view of the installation', async () => {
      const page = await open('viewer/acme', '/explore')
      await page.getByRole('list', { name: 'Operation' }).waitFor({ timeout: LONG_MS })
      const rows = await world.api.office.rows<{ n: number }>(
        "SELECT count(*) AS n FROM scores WHERE tenant_id = 'acme'",
      )
      expect(await matching(page)).toBe(rows[0]!.n)
      expect(await page.locator('main').textContent()).not.toContain('globex')
      const names = await page.getByRole('navigation', { name: 'Views' }).getByRole('link').allTextContents()
      expect(names).toContain('Explore')
      for (const hidden of ['Models', 'What if', 'Runs']) expect(names).not.toContain(hidden)
    })

    test('the riskiest hour leads to its token', async () => {
      const page = await open('viewer', '/explore')
      const table = page.getByRole('region', { name: /^Riskiest token-hours under/ })
      await table.waitFor({ timeout: LONG_MS })
      await table.getByRole('link').first().click()
      await page.waitForURL(/\/tokens\/.+\?tenant=/)
    })
  })

  test('what if: a suppression shows what it would hide, and is applied', async () => {
    const page = await open('analyst', '/what-if')
    await page.getByLabel('What to move').selectOption('suppress')
    await page.getByLabel('Principal').fill('acme-person-4')
    await page.getByLabel('Why it is benign').fill('an exercise')
    await page.getByRole('button', { name: 'Show the difference' }).click()
    const lost = page.locator('[data-figure="lost"]')
    await lost.waitFor({ timeout: LONG_MS })
    expect(Number(await lost.textContent())).toBeGreaterThan(0)
    await page.getByRole('region', { name: 'Alerts lost' }).first().waitFor()
    await page.getByRole('button', { name: 'Apply the change' }).click()
    await page.getByText(/^Applied: suppression \d+ is in force/).waitFor()
  })

  test('models: compared over the stored hours, and promoted over the gate', async () => {
    const page = await open('admin', '/models?champion=default@2&challenger=default@1')
    await page.getByRole('button', { name: 'Compare over the stored hours' }).click()
    await page.getByText(/^The gate would /).waitFor({ timeout: LONG_MS })
    await page.getByRole('button', { name: 'Promote default@1…' }).click()
    await page.getByLabel('Overrule the gate because').fill('an exercise')
    await page.getByRole('button', { name: 'Promote without the gate' }).click()
    await page.getByText('default@1 is used from now on').waitFor({ timeout: LONG_MS })
    await page.getByRole('row', { name: /^default@1 in use/ }).waitFor()
    await page.getByRole('cell', { name: 'an exercise' }).waitFor()
  })

  // After this the stored features are behind the budget: nothing is replayed before the next scoring.
  test('what if: a budget is written into the configuration by an admin alone', async () => {
    const analyst = await open('analyst', '/what-if')
    await analyst.getByLabel('Alerts a day').fill('3')
    await analyst.getByRole('button', { name: 'Show the difference' }).click()
    await analyst.getByRole('heading', { name: 'An alert budget of 3 a day' }).waitFor({ timeout: LONG_MS })
    expect(await analyst.getByRole('button', { name: 'Apply the change' }).isDisabled()).toBe(true)
    const admin = await open('admin', '/what-if')
    // The last that was tried is there for whoever opens the view.
    await admin.getByRole('button', { name: 'Apply the change' }).click()
    await admin.getByText(/^Applied: .*budgetPerDay is 3/).waitFor()
    expect(JSON.parse(readFileSync(world.configFile, 'utf8')).alerts.budgetPerDay).toBe(3)
  })

  test('runs and performance show what the API says', async () => {
    const page = await open('viewer', '/runs')
    const runs = page.getByRole('region', { name: 'Runs, newest first' })
    await runs.waitFor()
    const { json } = await world.api.call('GET', '/v1/runs?limit=100', { key: 'viewer' })
    expect(await runs.getByRole('row').count()).toBe(json.items.length + 1)
    await page.getByRole('link', { name: 'Performance' }).click()
    await page.getByRole('region', { name: 'Alerts and verdicts by week' }).waitFor()
  })

  test.each(['light', 'dark'] as const)('axe finds nothing, %s', async theme => {
    const page = await open('admin', '/explore', theme)
    await page.getByRole('list', { name: 'Operation' }).waitFor({ timeout: LONG_MS })
    const found = new Map([['/explore', await axeFindings(page)]])
    for (const path of ['/models', '/performance', '/runs', '/what-if']) {
      await page.goto(path)
      await settle(page)
      found.set(path, await axeFindings(page))
    }
    expect([...found].filter(([, findings]) => findings.length > 0)).toEqual([])
  })
})

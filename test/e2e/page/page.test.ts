import { setTimeout } from 'node:timers/promises'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ROUTES } from '../../../src/dashboard/routes.ts'
import { findChromium, openBrowser, withoutChromium } from '../../browser.ts'
import { axeFindings, logIn, openWatched, settle, type WatchedPage } from './watched.ts'
import { openPageWorld, type PageWorld } from './world.ts'

const chromium = findChromium()
const title = chromium === null ? withoutChromium('the page in a browser') : 'the page in a browser'

let world: PageWorld
let browser: Browser

/** Opens a browser window, does something in it, and holds it against the rules that every page keeps. */
async function watched(
  options: Parameters<typeof openWatched>[2],
  work: (opened: WatchedPage) => Promise<void>,
  expected: readonly RegExp[] = [],
): Promise<void> {
  const opened = await openWatched(browser, world.url, options)
  try {
    await work(opened)
    expect(opened.outside).toEqual([])
    expect(opened.errors.filter(text => !expected.some(pattern => pattern.test(text)))).toEqual([])
  } finally {
    await opened.close()
  }
}

const addressOf = (route: (typeof ROUTES)[number]) => route.sample?.(world.worst) ?? route.path
/** Holds within a while, however busy the machine is. */
const soon = <T>(read: () => Promise<T>) => expect.poll(read, { timeout: 20_000 })
const chosen = (page: Page) => page.locator('.alert[aria-current="true"]').getAttribute('data-alert')
const figure = (page: Page, name: string) => page.locator(`[data-figure="${name}"]`).textContent()

describe.skipIf(chromium === null)(title, () => {
  beforeAll(async () => {
    world = await openPageWorld()
    browser = await openBrowser(chromium!)
  })
  afterAll(async () => {
    await browser?.close()
    await world?.close()
  })

  test('every view: a heading, no error, nothing from outside, nothing serious by axe, in light and dark', async () => {
    await watched({ colorScheme: 'light' }, async ({ page }) => {
      await page.goto('/')
      await page.getByLabel('API key').waitFor()
      expect(await axeFindings(page), 'login').toEqual([])
      await logIn(page, world.keys.admin)
      for (const route of ROUTES) {
        const answer = await page.goto(addressOf(route))
        expect(answer!.headers()['content-security-policy']).toMatch(
          /^default-src 'none'; script-src 'self';/,
        )
        await settle(page)
        expect(await page.title()).toBe(`${route.title} · Keyhound`)
        expect(await page.locator('main [role="alert"]').count(), route.path).toBe(0)
        expect(await axeFindings(page), route.path).toEqual([])
        await page.emulateMedia({ colorScheme: 'dark' })
        expect(await axeFindings(page, ['color-contrast']), `${route.path} in the dark`).toEqual([])
        await page.emulateMedia({ colorScheme: 'light' })
      }
    })
  })

  test('at 390 px no view is wider than the screen', async () => {
    await watched({ viewport: { width: 390, height: 844 } }, async ({ page }) => {
      await logIn(page, world.keys.viewer)
      for (const route of ROUTES) {
        await page.goto(addressOf(route))
        await settle(page)
        const widest = await page.evaluate<number>(
          "Math.max(document.documentElement.scrollWidth, document.querySelector('main').scrollWidth)",
        )
        expect([route.path, widest]).toEqual([route.path, 390])
      }
      await page.goto('/')
      await page.locator('.alert').first().click()
      await page.getByRole('button', { name: /All alerts/ }).click()
      await page.locator('.alert').first().waitFor()
    })
  })

  test('login: a wrong key is refused in words, a right one holds until logout, and no script sees it', async () => {
    const refused = [/401/, /403/]
    await watched(
      {},
      async ({ page }) => {
        await page.goto('/tokens')
        await page.getByLabel('API key').fill('kh_000000000000_nothing')
        await page.keyboard.press('Enter')
        await soon(() => page.getByRole('alert').textContent()).toContain('unknown or revoked')
        await page.getByLabel('API key').fill(world.keys.scorer)
        await page.keyboard.press('Enter')
        await soon(() => page.getByRole('alert').textContent()).toContain('scorer is for programs')
        await page.getByLabel('API key').fill(world.keys.viewer)
        await page.keyboard.press('Enter')
        await page.getByRole('heading', { level: 1, name: 'Tokens' }).waitFor()
        expect(await page.locator('.who').textContent()).toContain('viewer')
        expect(await page.evaluate('[document.cookie, Object.keys(sessionStorage)]')).toEqual(['', []])
        await page.reload()
        await page.getByRole('heading', { level: 1, name: 'Tokens' }).waitFor()
        await page.getByRole('button', { name: 'Log out' }).click()
        await page.getByLabel('API key').waitFor()
        expect(await page.evaluate(async () => (await fetch('/v1/alerts')).status)).toBe(401)
      },
      refused,
    )
  })

  test('the policy holds: no inline script runs, and no change without the header of the page', async () => {
    await watched(
      {},
      async ({ page }) => {
        await logIn(page, world.keys.admin)
        const ran = await page.evaluate<boolean>(
          `const script = document.createElement('script')
           script.textContent = 'globalThis.ran = true'
           document.body.append(script)
           'ran' in globalThis`,
        )
        expect(ran).toBe(false)
        const { alertId } = world.worst
        const status = await page.evaluate(async id => {
          const request = {
            method: 'PATCH',
            headers: { 'content-type': 'application/json' },
            body: '{"note":"x"}',
          }
          return (await fetch(`/v1/alerts/${id}`, request)).status
        }, alertId)
        expect(status).toBe(403)
      },
      [/Content Security Policy/, /403/],
    )
  })

  test('a key that reads shows, and judges nothing', async () => {
    await watched({}, async ({ page }) => {
      await logIn(page, world.keys.viewer)
      await page.locator('.alert').first().waitFor()
      expect(await page.getByRole('button', { name: 'true positive' }).isDisabled()).toBe(true)
      const before = await page.locator('.alert').count()
      await page.keyboard.press('1')
      await soon(() => page.locator('.toast').textContent()).toContain('takes one of role analyst')
      expect(await page.locator('.alert').count()).toBe(before)
    })
  })

  test('what others do shows by itself; a session that is over asks for the key again', async () => {
    await watched(
      {},
      async ({ page }) => {
        await logIn(page, world.keys.viewer)
        await page.locator('.alert').first().waitFor()
        const { alertId } = world.worst
        const taken = await fetch(`${world.url}/v1/alerts/${alertId}`, {
          method: 'PATCH',
          headers: { authorization: `Bearer ${world.keys.analyst}`, 'content-type': 'application/json' },
          body: JSON.stringify({ status: 'acknowledged', assignee: 'ann' }),
        })
        expect(taken.status).toBe(200)
        await soon(() => page.locator(`[data-alert="${alertId}"]`).textContent()).toContain('with ann')
        await page.context().clearCookies()
        await page.getByLabel('API key').waitFor()
      },
      [/401/],
    )
  })

  test('a verdict that is refused is taken back, and said', async () => {
    await watched(
      {},
      async ({ page }) => {
        await logIn(page, world.keys.analyst)
        await page.locator('.alert').first().waitFor()
        const before = await page.locator('.alert').count()
        await page.route('**/verdict', route => route.fulfill({ status: 503, json: { detail: 'not now' } }))
        await page.keyboard.press('1')
        await soon(() => page.locator('.toast').textContent()).toContain('not now')
        await soon(() => page.locator('.alert').count()).toBe(before)
      },
      [/503/],
    )
  })

  test('twenty alerts by keyboard: verdicts, the next one chosen, the figures change', async () => {
    await watched({}, async ({ page }) => {
      await logIn(page, world.keys.analyst)
      await page.locator('.alert').first().waitFor()
      const before = await page.locator('.alert').count()
      expect(before).toBeGreaterThan(20)
      expect(await figure(page, 'precision')).toBe('–')
      // Down and up again, help, and a note on the way.
      const first = await chosen(page)
      await page.keyboard.press('j')
      await soon(() => chosen(page)).not.toBe(first)
      await page.keyboard.press('k')
      await soon(() => chosen(page)).toBe(first)
      await page.keyboard.press('?')
      await page.getByRole('dialog', { name: 'Keys' }).waitFor()
      await page.keyboard.press('Escape')
      await page.keyboard.press('n')
      await page.getByLabel('For whoever looks next').fill('seen by the test')
      await page.getByRole('button', { name: 'Save' }).click()
      await soon(() => page.locator('.queue-detail').textContent()).toContain('seen by the test')

      for (let i = 0; i < 20; i++) {
        const judged = await chosen(page)
        // Fifteen true, five false.
        await page.keyboard.press(i % 4 === 3 ? '2' : '1')
        await soon(() => page.locator(`[data-alert="${judged}"]`).count()).toBe(0)
        await soon(() => chosen(page)).toMatch(/^\w+$/)
      }
      await soon(() => page.locator('.figures').textContent()).toContain('15 of 20 judged')
      expect(await figure(page, 'precision')).toBe('75 %')
      expect(await page.locator('.alert').count()).toBe(before - 20)

      // The last two back, and gone from the figures: a true one, then a false one.
      await page.keyboard.press('u')
      await soon(() => page.locator('.alert').count()).toBe(before - 19)
      await page.keyboard.press('u')
      await soon(() => page.locator('.alert').count()).toBe(before - 18)
      await soon(() => page.locator('.figures').textContent()).toContain('14 of 18 judged')
    })
  })

  test('undo with a slow server: the last verdict that was given, not the last that was answered', async () => {
    await watched({}, async ({ page }) => {
      await logIn(page, world.keys.analyst)
      await page.locator('.alert').first().waitFor()
      const before = await page.locator('.alert').count()
      const judgeAs = async (key: string) => {
        const alertId = await chosen(page)
        await page.keyboard.press(key)
        await soon(() => page.locator(`[data-alert="${alertId}"]`).count()).toBe(0)
        return alertId
      }
      const figures = () => page.locator('.figures').textContent()
      const begun = await figures()
      const first = await judgeAs('2')
      await soon(figures).not.toBe(begun)
      const judged = await figures()
      await page.route('**/verdict', async route => {
        if (route.request().method() === 'POST') await setTimeout(3000)
        await route.continue()
      })
      const second = await judgeAs('1')
      await page.keyboard.press('u')
      await soon(() => page.locator(`[data-alert="${second}"]`).count()).toBe(1)
      expect(await page.locator(`[data-alert="${first}"]`).count()).toBe(0)
      await soon(figures).toBe(judged)
      await page.keyboard.press('u')
      await soon(() => page.locator('.alert').count()).toBe(before)
      await soon(figures).toBe(begun)
    })
  })

  test('suppressed by keyboard with a reason: the alert leaves, the suppression counts, and can be undone', async () => {
    await watched({}, async ({ page }) => {
      await logIn(page, world.keys.analyst)
      await page.locator('.alert').first().waitFor()
      const before = await page.locator('.alert').count()
      await page.keyboard.press('s')
      await page.getByLabel('Why it is benign').fill('load test of the week')
      await page.keyboard.press('Tab')
      await page.keyboard.type('7')
      await page.getByRole('button', { name: 'Hold back' }).click()
      await soon(() => page.locator('.alert').count()).toBe(before - 1)
      await soon(() => page.locator('.figures').textContent()).toContain('1 suppression in force')
      await page.keyboard.press('u')
      await soon(() => page.locator('.figures').textContent()).toContain('0 suppressions in force')
      await soon(() => page.locator('.alert').count()).toBe(before)
    })
  })

  test('from the queue to the story of the token, by keyboard', async () => {
    await watched({}, async ({ page }) => {
      await logIn(page, world.keys.viewer)
      await page.locator('.alert').first().waitFor()
      await page.keyboard.press('Enter')
      await page.getByRole('heading', { name: 'Activity' }).waitFor()
      await settle(page)
      await page.locator('.plot svg').first().waitFor()
      expect(await page.locator('main').textContent()).toContain('AS64')
      await page.keyboard.press('g')
      await page.keyboard.press('q')
      await page.getByRole('heading', { level: 1, name: 'Queue' }).waitFor()
    })
  })
})

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Browser, chromium } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { renderComparison } from '../../src/report/comparison-html.ts'
import { renderDigest } from '../../src/report/digest-html.ts'
import { renderEvaluation } from '../../src/report/evaluation-html.ts'
import { openEngine } from '../../src/sql/duckdb.ts'
import { evaluateWorld, type Hour } from '../pipeline/evaluate-fixture.ts'
import { FULL_COMPARISON } from './comparison-fixture.ts'
import { FULL_DIGEST } from './digest-fixture.ts'

const BROWSERS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']
const executablePath = [process.env.CHROMIUM, ...BROWSERS].find(
  path => path !== undefined && existsSync(path),
)
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

const NAMES = ['evaluation', 'digest', 'comparison'] as const

async function render(): Promise<Record<(typeof NAMES)[number], string>> {
  const engine = await openEngine({ threads: 1 })
  const hours = ['a', 'b', 'c'].flatMap(token =>
    [1, 2, 3].map((day): Hour => ({ token, at: `2026-01-0${day}T10`, score: token === 'a' ? 9 - day : day })),
  )
  const labels = [{ event_id: 'a@2026-01-02T10#0', incident_id: 'i', attack_type: 'token_theft' }]
  const report = await evaluateWorld(engine, { hours, labels, options: { from: '2026-01-02' } })
  engine.close()
  return {
    evaluation: renderEvaluation(report),
    digest: renderDigest(FULL_DIGEST),
    comparison: renderComparison(FULL_COMPARISON, new Date('2026-10-12T09:00:00Z')),
  }
}

describe.skipIf(executablePath === undefined)(
  `in a browser${executablePath === undefined ? ': left out, no Chromium; name one by CHROMIUM' : ''}`,
  () => {
    let browser: Browser
    let folder: string
    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'keyhound-pages-'))
      for (const [name, html] of Object.entries(await render()))
        writeFileSync(join(folder, `${name}.html`), html)
      browser = await chromium.launch({ executablePath: executablePath!, args: ['--no-sandbox'] })
    }, 30_000)
    afterAll(async () => {
      await browser?.close()
      rmSync(folder, { recursive: true, force: true })
    })

    const cases = NAMES.flatMap(name => [
      { name, colorScheme: 'light' as const, width: 1280 },
      { name, colorScheme: 'dark' as const, width: 390 },
    ])
    test.each(cases)(
      'the $name, $colorScheme, $width px wide, asks nothing of anybody, fits, and axe finds nothing serious',
      async ({ name, colorScheme, width }) => {
        const page = await browser.newPage({ viewport: { width, height: 800 }, colorScheme })
        const asked: string[] = []
        page.on('request', request => asked.push(request.url()))
        const url = pathToFileURL(join(folder, `${name}.html`)).href
        await page.goto(url)
        expect(asked).toEqual([url])
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width)
        const found = (await page.evaluate(`${axe}; axe.run()`)) as AxeResults
        const serious = found.violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
        expect(serious.map(({ id, nodes }) => [id, nodes.slice(0, 3).map(node => node.html)])).toEqual([])
        await page.close()
      },
      30_000,
    )

    test('what is folded away is printed', async () => {
      const page = await browser.newPage()
      await page.goto(pathToFileURL(join(folder, 'digest.html')).href)
      const closed =
        'document.querySelector("details:not([open]) .why, details .story").getBoundingClientRect().height'
      await page.evaluate('for (const one of document.querySelectorAll("details")) one.open = false')
      await page.emulateMedia({ media: 'print' })
      expect(await page.evaluate(closed)).toBeGreaterThan(10)
      await page.close()
    })
  },
)

interface AxeResults {
  readonly violations: readonly {
    readonly id: string
    readonly impact: string | null
    readonly nodes: readonly { readonly html: string }[]
  }[]
}

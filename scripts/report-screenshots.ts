import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { chromium } from 'playwright-core'
import { makeReports } from './report-screenshots/make.ts'

/**
 * Makes the pictures of the reports for the documentation: a workspace of five simulated weeks, run and judged day by day, the three
 * reports of it, and each as a browser shows it. Takes some minutes.
 *
 *     npx tsx scripts/report-screenshots.ts [--reports DIR] [--out docs/screenshots] [--all]
 *
 * --reports  keep the workspace and the reports there, and use them when they are there already
 * --all      also the dark ones, those of a telephone and the pages printed, for looking at; not for the documentation
 *
 * The browser is the one that CHROMIUM names, else one of the usual places.
 */
const { values } = parseArgs({
  options: {
    reports: { type: 'string' },
    out: { type: 'string', default: join('docs', 'screenshots') },
    all: { type: 'boolean', default: false },
  },
})

const BROWSERS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']
const executablePath = process.env.CHROMIUM ?? BROWSERS.find(path => existsSync(path))
if (executablePath === undefined) throw new Error('no browser found; name one by CHROMIUM=/path/to/chromium')

const folder = values.reports ?? mkdtempSync(join(tmpdir(), 'keyhound-reports-'))
const reports = await makeReports(resolve(folder))
mkdirSync(values.out, { recursive: true })

/** Pixels of the first screen of a desktop and of a telephone. */
const DESKTOP = { width: 1280, height: 900 }
const PHONE = { width: 390, height: 844 }

const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] })
try {
  for (const { name, html } of reports) {
    await shoot(name, html, { viewport: DESKTOP })
    if (!values.all) continue
    await shoot(`${name}-whole`, html, { viewport: DESKTOP, fullPage: true })
    await shoot(`${name}-dark`, html, { viewport: DESKTOP, fullPage: true, colorScheme: 'dark' })
    await shoot(`${name}-phone`, html, { viewport: PHONE, fullPage: true })
    const page = await browser.newPage()
    await page.goto(pathToFileURL(html).href)
    await page.pdf({ path: join(values.out, `report-${name}.pdf`), format: 'A4', printBackground: true })
    await page.close()
  }
} finally {
  await browser.close()
  if (values.reports === undefined) rmSync(folder, { recursive: true, force: true })
}

async function shoot(
  name: string,
  html: string,
  { viewport, fullPage = false, colorScheme = 'light' }: Shot,
): Promise<void> {
  const page = await browser.newPage({ viewport, colorScheme })
  await page.goto(pathToFileURL(html).href)
  const path = join(values.out, `report-${name}.png`)
  await page.screenshot({ path, fullPage })
  await page.close()
  console.log(path)
}

interface Shot {
  readonly viewport: { width: number; height: number }
  readonly fullPage?: boolean
  readonly colorScheme?: 'light' | 'dark'
}

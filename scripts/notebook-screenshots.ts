import { mkdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { chromium } from 'playwright-core'
import { notebookHtml } from './notebooks/html.ts'
import { readNotebook } from './notebooks/nbformat.ts'

/**
 * Pictures of notebooks as checked in, docs/screenshots/notebook-<name>.png, in Chromium.
 *
 *     tsx scripts/notebook-screenshots.ts [--out DIR] [--height PIXELS] NAME...
 */
const root = fileURLToPath(new URL('..', import.meta.url))
const { values, positionals } = parseArgs({
  options: {
    out: { type: 'string', default: join(root, 'docs/screenshots') },
    /** Cut off below: a picture for a README, not the whole notebook. 0: whole. */
    height: { type: 'string', default: '1400' },
    chromium: { type: 'string', default: '/usr/bin/chromium' },
  },
  allowPositionals: true,
})
const height = Number(values.height)
mkdirSync(values.out, { recursive: true })
const browser = await chromium.launch({ executablePath: values.chromium, args: ['--no-sandbox'] })
try {
  const page = await browser.newPage({ viewport: { width: 920, height: height || 1000 } })
  for (const name of positionals) {
    await page.setContent(notebookHtml(readNotebook(join(root, 'notebooks', `${name}.ipynb`))))
    const path = join(values.out, `notebook-${basename(name).replace(/^\d-/, '')}.png`)
    await page.screenshot({ path, fullPage: height === 0 })
    process.stdout.write(`${path}\n`)
  }
} finally {
  await browser.close()
}

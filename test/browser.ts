import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { type Browser, chromium } from 'playwright-core'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome', 'msedge']

/** A Chromium that tests can drive: CHROMIUM_PATH, what is on the PATH, or what playwright installed; null where there is none. */
export function findChromium(): string | null {
  const named = process.env.CHROMIUM_PATH
  if (named !== undefined && named !== '') return existsSync(named) ? named : null
  const places = (process.env.PATH ?? '').split(delimiter).filter(place => place !== '')
  const found = NAMES.flatMap(name => places.map(place => join(place, name))).find(path => existsSync(path))
  if (found !== undefined) return found
  const installed = chromium.executablePath()
  return installed !== '' && existsSync(installed) ? installed : null
}

/** Title of tests that were left out for want of a browser, and how to have them run. */
export function withoutChromium(what: string): string {
  return `${what}: left out, no Chromium; run scripts/setup-services first, set CHROMIUM_PATH or npx playwright-core install chromium`
}

/** Starts a Chromium without a window. Root may not use the sandbox that everybody else has. */
export function openBrowser(executablePath: string): Promise<Browser> {
  return chromium.launch({ executablePath, chromiumSandbox: process.getuid?.() !== 0 })
}

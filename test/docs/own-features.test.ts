import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { FEATURES } from '../../src/features/catalogue.ts'
import { fencesOf, fromRoot } from './fences.ts'

const fences = fencesOf('docs/own-features.md')
const texts = (language: string) =>
  fences.filter(fence => fence.language === language).map(fence => fence.text)

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'keyhound-own-docs-'))
  symlinkSync(fromRoot('node_modules'), join(folder, 'node_modules'))
  mkdirSync(join(folder, 'W'))
  writeFileSync(join(folder, 'package.json'), '{"type": "module"}')
  writeFileSync(join(folder, 'my-features.mjs'), texts('js').join('\n'))
  writeFileSync(join(folder, 'keyhound.json'), texts('json').join('\n'))
  const index = join(fromRoot('src'), 'index.ts')
  writeFileSync(join(folder, 'program.ts'), texts('ts').join('\n').replaceAll("'keyhound'", `'${index}'`))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('the file, configuration and program of docs/own-features.md train and score with the features of the page', () => {
  const said = execFileSync(process.execPath, [fromRoot('node_modules/tsx/dist/cli.mjs'), 'program.ts'], {
    cwd: folder,
    encoding: 'utf8',
  })
  const [scored, columns, trial] = said.trim().split('\n')
  expect(scored).toMatch(/^default@1 scored [1-9]\d* token-hours$/)
  expect(columns).toMatch(/^[1-9]\d* hours with uploads; at most \d+(\.\d+)? writes per active minute$/)
  expect(trial).toBe('trial@1 reads new_share')
})

test('its table names the fields that records have', () => {
  const [feature] = FEATURES
  const fields = Object.keys(feature!).filter(name => name !== 'of')
  for (const name of [...fields, 'of', 'level', 'told', 'shows', 'weighs'])
    expect(rowsOf()).toContain(`\`${name}\``)
})

function rowsOf(): string {
  const lines = readFileSync(fromRoot('docs/own-features.md'), 'utf8').split('\n')
  return lines.filter(line => line.startsWith('| `')).join('\n')
}

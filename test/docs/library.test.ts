import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseConfig } from '../../src/schema/config.ts'
import { type Engine, openEngine } from '../../src/sql/duckdb.ts'
import { fencesOf, fromRoot } from './fences.ts'

const fences = fencesOf('docs/library.md')
const texts = (language: string) =>
  fences.filter(fence => fence.language === language).map(fence => fence.text)
const runs = (command: string, ...argv: string[]) => spawnSync(command, argv).status === 0

let folder: string
let engine: Engine
let said: string

/** One program of all TypeScript blocks, in a folder where `keyhound` is this checkout's source. */
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'keyhound-library-'))
  symlinkSync(fromRoot('node_modules'), join(folder, 'node_modules'))
  mkdirSync(join(folder, 'W'))
  writeFileSync(join(folder, 'package.json'), '{"type": "module"}')
  const index = join(fromRoot('src'), 'index.ts')
  const program = (of: readonly string[]) => of.join('\n').replaceAll("'keyhound'", `'${index}'`)
  writeFileSync(join(folder, 'program.ts'), program(texts('ts')))
  // Run by own-features.test.ts; its types are checked here, since the compiler takes as long for one program as for two.
  const ownFeatures = fencesOf('docs/own-features.md').filter(fence => fence.language === 'ts')
  writeFileSync(join(folder, 'own-features.ts'), program(ownFeatures.map(fence => fence.text)))
  const compilerOptions = {
    noEmit: true,
    allowImportingTsExtensions: true,
    rewriteRelativeImportExtensions: false,
    rootDir: '/',
    typeRoots: [fromRoot('node_modules/@types')],
  }
  const project = { extends: fromRoot('tsconfig.json'), compilerOptions, include: ['*.ts'] }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(project))
  engine = await openEngine({ threads: 1 })
  said = execFileSync(process.execPath, [fromRoot('node_modules/tsx/dist/cli.mjs'), 'program.ts'], {
    cwd: folder,
    encoding: 'utf8',
  })
})
afterAll(() => {
  engine.close()
  rmSync(folder, { recursive: true, force: true })
})

describe('docs/library.md', () => {
  test('its TypeScript, and that of docs/own-features.md, has no type errors', () => {
    const { status, stdout } = spawnSync(fromRoot('node_modules/.bin/tsc'), ['-p', folder], {
      encoding: 'utf8',
    })
    expect([status, stdout]).toEqual([0, ''])
  })

  test('its TypeScript runs from top to bottom and finds something', () => {
    const [added, budget, alert, risk] = said.trim().split('\n')
    expect(added).toMatch(/^\d{4} events added$/)
    expect(budget).toMatch(
      /^default@1: [1-9]\d* alerts; at 2 a day precision 0?[.1]?\d*, [1-4] incidents found$/,
    )
    expect(alert).toMatch(/^(low|medium|high|critical) \S+ .*\S$/)
    expect(risk).toMatch(/^highest risk \d+(\.\d+)?: \S+ /)
    for (const file of ['forest.onnx', 'forest.sql']) expect(existsSync(join(folder, file))).toBe(true)
  })

  test('its SQL finds the worst token-hours, and the exported statement scores every one', async () => {
    const [sql] = texts('sql')
    const worst = await engine.rows<{ score: number }>(sql!.replaceAll("'W/", `'${folder}/W/`))
    expect(worst).toHaveLength(10)
    await engine.run(
      `CREATE VIEW features AS SELECT * FROM read_parquet('${folder}/W/data/features/*/*.parquet')`,
    )
    const [found] = await engine.rows<{ n: number; same: number }>(
      `SELECT count(*)::INTEGER AS n, (SELECT count(*) FROM features)::INTEGER AS same FROM (${readFileSync(join(folder, 'forest.sql'), 'utf8')}) WHERE forest_score BETWEEN 0 AND 1`,
    )
    expect(found!.n).toBe(found!.same)
  })

  test('its configuration is one', () => {
    for (const text of texts('json')) expect(parseConfig(JSON.parse(text))).toMatchObject({ ok: true })
  })

  const hasPandas = runs('python3', '-c', 'import pandas, pyarrow')
  describe(
    hasPandas ? 'Python' : 'Python: left out, no python3 with pandas and pyarrow; pip install pandas pyarrow',
    () => {
      test.skipIf(!hasPandas)('reads the scores', async () => {
        const [python] = texts('python')
        const lines = execFileSync('python3', ['-c', python!], { cwd: folder, encoding: 'utf8' })
          .trim()
          .split('\n')
        const [top] = await engine.rows<{ n: number; token: string; at: Date }>(
          `SELECT (count(*) OVER ())::INTEGER AS n, token_id AS token, window_start AS at FROM read_parquet('${folder}/W/data/scores/*/*.parquet') ORDER BY score DESC LIMIT 1`,
        )
        const [n, token, at] = lines[0]!.split(' ')
        expect([Number(n), token]).toEqual([top!.n, top!.token])
        expect(at).toMatch(/^2026-09-\d\dT\d\d:00:00\+00:00$/)
        expect(lines.length).toBeGreaterThan(1)
      })
    },
  )

  const hasR = runs('Rscript', '-e', 'library(arrow); library(dplyr)')
  describe(
    hasR ? 'R' : 'R: left out, no Rscript with arrow and dplyr; install.packages(c("arrow", "dplyr"))',
    () => {
      test.skipIf(!hasR)('reads the scores', () => {
        const [r] = texts('r')
        expect(execFileSync('Rscript', ['-e', r!], { cwd: folder, encoding: 'utf8' })).toContain(
          'window_start',
        )
      })
    },
  )
})

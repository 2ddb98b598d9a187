import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { EvaluationReport } from '../../src/schema/evaluation.ts'
import { keyhound, type Run } from './harness.ts'

let folder: string
/** Attacks from here on; the log begins on 2026-09-01 and has 7 days. */
const FROM = '2026-09-05'

async function run(workspace: string, ...argv: string[]): Promise<Run> {
  const ended = await keyhound([...argv, '--workspace', join(folder, workspace)])
  expect(ended.exitCode, `${argv[0]}: ${ended.stderr}`).toBe(0)
  return ended
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'keyhound-inject-cli-'))
  const logs = join(folder, 'logs')
  const size = ['--tokens', '24', '--days', '7', '--events', '2500', '--incidents', '0', '--seed', '4']
  await run('W', 'simulate', '--out', logs, ...size)
  await run(
    'W',
    'ingest',
    join(logs, 'events'),
    '--inventory',
    join(logs, 'tokens.csv'),
    '--tokens',
    'identifier',
  )
}, 60_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('inject', () => {
  test('the whole road over the copy: injected recall apart, by attack and intensity', async () => {
    const out = join(folder, 'out')
    const attacks = ['--attacks', 'replay,scope_probing', '--intensity', 'loud,quiet', '--from', FROM]
    const { stdout } = await run('W', 'inject', '--out', out, ...attacks, '--incidents', '6')
    expect(stdout).toMatch(/replay +loud +2 +\d+/)
    await run(
      'C',
      'ingest',
      join(out, 'events'),
      '--inventory',
      join(out, 'tokens.csv'),
      '--tokens',
      'identifier',
    )
    await run('C', 'train', '--until', FROM)
    await run('C', 'score', '--from', FROM)
    const labels = ['--labels', join(out, 'labels.csv'), '--budget', '3,10']
    const ended = await run('C', 'evaluate', ...labels, '--out', join(folder, 'report'))
    expect(ended.stdout).toMatch(/injected attack +intensity +found at 3 a day +found at 10 a day/)
    // All known misuse was injected: of the rest, precision and recall are unknown.
    expect(ended.stdout).not.toContain('AUROC')
    const report: EvaluationReport = JSON.parse(readFileSync(join(folder, 'report', 'report.json'), 'utf8'))
    expect(report.data.incidents).toBe(0)
    expect(report.injected?.kinds.map(kind => [kind.attackType, kind.intensity, kind.incidents])).toEqual([
      ['replay', 'loud', 2],
      ['replay', 'quiet', 1],
      ['scope_probing', 'loud', 2],
      ['scope_probing', 'quiet', 1],
    ])
    expect(readFileSync(join(folder, 'report', 'report.html'), 'utf8')).toContain(
      'Recall of injected attacks',
    )
  })

  test('--measure: one table, the workspace as it was', async () => {
    await run('W', 'train', '--until', FROM)
    // The database's own files beside it come and go with whoever reads.
    const files = () =>
      readdirSync(join(folder, 'W'), { recursive: true, encoding: 'utf8' })
        .filter(name => !name.startsWith('state.db-'))
        .sort()
    const before = files()
    const { stdout } = await run(
      'W',
      'inject',
      '--measure',
      '--incidents',
      '3',
      '--attacks',
      'replay',
      '--json',
    )
    const recall = JSON.parse(stdout)
    expect(recall.budgets).toEqual([3, 10, 30])
    expect(recall.injected.kinds).toHaveLength(3)
    expect(recall.alertedAnyway).toHaveLength(3)
    for (const kind of recall.injected.kinds) expect(kind.found).toHaveLength(3)
    expect(files()).toEqual(before)
  })

  test.each([
    ['no folder', [], /--out/],
    ['--measure keeps nothing', ['--measure', '--out', 'x'], /leave out --out/],
    ['a budget without --measure', ['--out', 'x', '--budget', '3'], /belong to --measure/],
    ['an intensity that is none', ['--out', 'x', '--intensity', 'shrill'], /loud, medium, quiet/],
    ['an attack that is none', ['--out', 'x', '--attacks', 'magic'], /no attack is called "magic"/],
  ])('bad usage: %s', async (_, argv, message) => {
    const { exitCode, stderr } = await keyhound(['inject', ...argv, '--workspace', join(folder, 'W')])
    expect(exitCode).toBe(2)
    expect(stderr).toMatch(message)
  })
})

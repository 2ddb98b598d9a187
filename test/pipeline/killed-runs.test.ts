import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ingest } from '../../src/pipeline/ingest.ts'
import { asRun } from '../../src/pipeline/run.ts'
import { type RunCommand, silentProgress } from '../../src/schema/run.ts'
import { beginRun, listRuns } from '../../src/state/runs.ts'
import { withState } from '../../src/state/state.ts'
import { type Bench, createBench, csv, NOW, row } from './ingest-fixture.ts'

let bench: Bench
beforeEach(async () => {
  bench = await createBench()
})
afterEach(() => {
  bench.engine.close()
  rmSync(dirname(bench.workspace.root), { recursive: true, force: true })
})

const context = () => ({
  engine: bench.engine,
  workspace: bench.workspace,
  progress: silentProgress,
  now: NOW,
})
const withoutToken = '2026-10-05T01:00:00Z,,GET,/v1/tasks/1,200'

test('rejects of a run that died before it had noted its files are there once when it is done again', async () => {
  const path = bench.write('a.csv', csv([row(1), withoutToken]))
  const other = bench.write('b.csv', csv([row(2), withoutToken, withoutToken]))
  // Notes are said when everything is in place and nothing is noted yet.
  const dying = {
    ...silentProgress,
    say: () => {
      throw new Error('killed')
    },
  }
  const run = (now: Date, progress: typeof silentProgress, paths: string[]) =>
    ingest({ ...context(), now, progress }, { paths, newOnly: true })
  await expect(run(NOW, dying, [path, other])).rejects.toThrow('killed')
  expect(await bench.rejects()).toHaveLength(3)

  // Only one of the files is read again: the other's rejects stay.
  await run(new Date(NOW.getTime() + 1), silentProgress, [path])
  expect((await bench.rejects()).map(one => one.file)).toEqual(['a.csv', 'b.csv', 'b.csv'])
  await run(new Date(NOW.getTime() + 2), silentProgress, [path, other])
  expect((await bench.rejects()).map(one => one.file)).toEqual(['a.csv', 'b.csv', 'b.csv'])
  expect(await bench.events('time')).toHaveLength(2)

  // What was done to the end and is then written to is read as something new.
  bench.write('a.csv', csv([row(1), row(3), withoutToken]))
  await run(new Date(NOW.getTime() + 3), silentProgress, [path, other])
  expect((await bench.rejects()).map(one => one.file)).toEqual(['a.csv', 'a.csv', 'b.csv', 'b.csv'])
})

test.each([
  ['ingest', 'events', 'scores'],
  ['score', 'scores', 'events'],
  ['train', 'models', 'rejects'],
] as [RunCommand, 'events' | 'scores' | 'models', 'events' | 'scores' | 'rejects'][])(
  'what a killed %s left half-written is removed by the next: below %s, not below %s',
  async (command, own, others) => {
    const { workspace } = bench
    const gone = spawnSync(process.execPath, ['--version']).pid
    const file = (folder: string, pid: number) => join(folder, 'x', `.${pid}-0123456789ab.tmp`)
    const [dead, namesake] = [file(workspace[own], gone), file(workspace[own], process.pid)]
    const [living, elsewhere] = [file(workspace[own], process.ppid), file(workspace[others], gone)]
    for (const path of [dead, namesake, living, elsewhere]) {
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, '')
    }
    const work = () =>
      asRun(
        context(),
        command,
        async () => 'done',
        () => ({}),
      )
    await work()
    // No run was killed: nobody looked.
    expect(existsSync(dead)).toBe(true)
    await withState(workspace, state => beginRun(state, { command, actor: 'a', host: 'h', pid: gone }, NOW))
    await work()
    expect([dead, namesake, living, elsewhere].map(existsSync)).toEqual([false, false, true, true])
    const runs = await withState(workspace, state => listRuns(state))
    expect(runs.map(run => run.status)).toEqual(['done', 'killed', 'done'])
  },
)

/**
 * Live detection: a file fed at a steady rate beside a running watcher, in which a stolen token begins at a known moment. Seconds from
 * its first bad event to its alert, events/s kept up, backlog and memory over time. With --kills the watcher is killed so many times at
 * random moments, and what it comes to is compared with an undisturbed run's.
 *
 *     npm run bench:live -- [--rate 5000] [--seconds 180] [--tokens 500] [--history 300000] [--kills 0] [--out FILE]
 *
 * History and live log are one simulated world; the live log repeats the last working day's events of each token at random under new
 * times, so that its tokens do what they always do, only more of it: the history of a log of this rate would not fit.
 */
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { createRandom } from '../../src/lib/random.ts'
import { quantile } from '../../src/lib/stats.ts'
import { machine, markdownTable, progress, significant, writeJson } from './lib.ts'
import { compareTables, ingestAndScore } from './live/compare.ts'
import { createFeed, STOLEN_MARKS } from './live/feed.ts'
import { createStage } from './live/stage.ts'
import { startWatcher, type Watcher } from './live/watcher.ts'

const { values: flags } = parseArgs({
  options: {
    rate: { type: 'string', default: '5000' },
    seconds: { type: 'string', default: '180' },
    tokens: { type: 'string', default: '500' },
    history: { type: 'string', default: '300000' },
    every: { type: 'string', default: '5s' },
    kills: { type: 'string', default: '0' },
    seed: { type: 'string', default: '1' },
    out: { type: 'string', default: 'reports/bench-live.json' },
  },
})
const [rate, seconds, kills, seed] = [flags.rate, flags.seconds, flags.kills, flags.seed].map(Number) as [
  number,
  number,
  number,
  number,
]
const folder = mkdtempSync(join(tmpdir(), 'keyhound-live-'))
const random = createRandom(seed)
const pause = (ms: number) => new Promise(resolve => setTimeout(resolve, ms))

let watcher: Watcher | undefined
try {
  progress('simulating, ingesting and training')
  const stage = await createStage(folder, {
    tokens: Number(flags.tokens),
    events: Number(flags.history),
    seed,
  })
  const untouched = join(folder, 'untouched')
  if (kills > 0) cpSync(stage.workspace.root, untouched, { recursive: true })
  const feed = createFeed(stage, { rate, random: random.fork('feed') })
  watcher = await startWatcher(stage.workspace.root, feed.path, flags.every)
  const begun = performance.now()
  const samples: { seconds: number; written: number; stored: number; megabytes: number }[] = []
  const stolenAt = seconds / 3
  let alertSeconds: number | null = null
  const killAt = Array.from({ length: kills }, () => seconds * random.next()).sort((a, b) => a - b)
  progress(
    `feeding ${rate} events/s for ${seconds} s; the stolen token begins after ${Math.round(stolenAt)} s`,
  )
  const sample = async () => {
    const at = (performance.now() - begun) / 1000
    const stored = (await stage.storedEvents()) - stage.historyEvents
    samples.push({ seconds: at, written: feed.written, stored, megabytes: watcher!.megabytes() })
    if (
      alertSeconds === null &&
      feed.stolenSince !== null &&
      (await stage.hasAlert(feed.stolenToken, STOLEN_MARKS))
    )
      alertSeconds = (performance.now() - feed.stolenSince) / 1000
  }
  for (;;) {
    const at = (performance.now() - begun) / 1000
    if (at >= seconds) break
    feed.writeUntil(at, at >= stolenAt)
    if (killAt[0] !== undefined && at >= killAt[0]) {
      killAt.shift()
      await watcher.kill()
      watcher = await startWatcher(stage.workspace.root, feed.path, flags.every)
    }
    if (at - (samples.at(-1)?.seconds ?? Number.NEGATIVE_INFINITY) >= 0.5) await sample()
    await pause(50)
  }
  const fedSeconds = (performance.now() - begun) / 1000
  const behindAtEnd = samples.at(-1)!.written - samples.at(-1)!.stored
  progress('fed; the rest is worked off')
  while ((await stage.storedEvents()) - stage.historyEvents < feed.written || alertSeconds === null) {
    await sample()
    if ((performance.now() - begun) / 1000 > 4 * seconds + 300) break
    await pause(500)
  }
  const drainedSeconds = (performance.now() - begun) / 1000
  await watcher.stop()

  const memory = samples.map(({ megabytes }) => megabytes).filter(value => !Number.isNaN(value))
  const lags = samples.filter(one => one.seconds > 10).map(({ written, stored }) => (written - stored) / rate)
  const result = {
    rate,
    'fed for s': significant(fedSeconds),
    events: feed.written,
    'first bad event to alert, s': significant(alertSeconds ?? undefined),
    'events/s kept up': significant(samples.at(-1)!.stored / drainedSeconds),
    'backlog, median s': significant(quantile(lags, 0.5)),
    'backlog at end, s': significant(behindAtEnd / rate),
    'worked off after s': significant(drainedSeconds),
    'memory median MB': significant(quantile(memory, 0.5)),
    'memory peak MB': significant(Math.max(...memory)),
    kills,
  }
  let same: Record<string, number> | null = null
  if (kills > 0) {
    progress('the same log undisturbed')
    await ingestAndScore(untouched, feed.path, stage)
    same = await compareTables(stage.workspace.root, untouched)
    progress(`rows that differ from the undisturbed run: ${JSON.stringify(same)}`)
  }
  process.stdout.write(`${markdownTable([result])}\n`)
  writeJson(flags.out, {
    machine: machine(),
    flags,
    result,
    watcher: watcher.summary,
    differingRows: same,
    samples,
  })
  stage.close()
} finally {
  // Nothing outlives a bench that fails.
  await watcher?.kill()
  rmSync(folder, { recursive: true, force: true })
}

// Our forest, from compiled JavaScript: fit once, score several times, scores of the last pass to a file.
// keyhound_forest.mjs COMPILED_ROOT TABLE ROWS COLS SEED PASSES SCORES THREADS
import { closeSync, openSync, readSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const [root, tablePath, rowsText, colsText, seed, passes, scoresPath, threads] = process.argv.slice(2)
const folder = join(root, 'detectors', 'isolation-forest')
const { fitForest } = await import(pathToFileURL(join(folder, 'fit.js')).href)
const { scoreForest } = await import(pathToFileURL(join(folder, 'score.js')).href)
const rows = Number(rowsText)
const cols = Number(colsText)

const data = new Float32Array(rows * cols)
const bytes = new Uint8Array(data.buffer)
const file = openSync(tablePath, 'r')
for (let at = 0; at < bytes.length; )
  at += readSync(file, bytes, at, Math.min(1 << 26, bytes.length - at), at)
closeSync(file)
const table = { data, rows, cols, names: Array.from({ length: cols }, (_, c) => `x${c}`) }

const began = performance.now()
const forest = fitForest(table, { trees: 100, subsample: 256, seed: Number(seed) })
const fitSeconds = (performance.now() - began) / 1000
const scores = new Float64Array(rows)
const scoreSeconds = []
const processorSeconds = []
for (let pass = 0; pass < Number(passes); pass++) {
  const before = process.cpuUsage()
  const start = performance.now()
  scoreForest(forest, table, { out: scores, threads: Number(threads) })
  scoreSeconds.push((performance.now() - start) / 1000)
  const used = process.cpuUsage(before)
  processorSeconds.push((used.user + used.system) / 1e6)
}
writeFileSync(scoresPath, scores)
console.log(JSON.stringify({ fitSeconds, scoreSeconds, processorSeconds }))

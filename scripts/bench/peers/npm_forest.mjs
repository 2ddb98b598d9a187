// The npm package isolation-forest: takes row objects, has no seed.
// npm_forest.mjs TABLE ROWS COLS PASSES SCORES
import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'

const { IsolationForest } = createRequire(import.meta.url)('isolation-forest')
const [tablePath, rowsText, colsText, passes, scoresPath] = process.argv.slice(2)
const cols = Number(colsText)
const bytes = readFileSync(tablePath)
const data = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4)
const rows = Array.from({ length: Number(rowsText) }, (_, r) =>
  Object.fromEntries(Array.from({ length: cols }, (_, c) => [`x${c}`, data[r * cols + c]])),
)

const began = performance.now()
const forest = new IsolationForest(100, 256)
forest.fit(rows)
const fitSeconds = (performance.now() - began) / 1000
const scoreSeconds = []
const processorSeconds = []
let scores
for (let pass = 0; pass < Number(passes); pass++) {
  const before = process.cpuUsage()
  const start = performance.now()
  scores = forest.predict(rows)
  scoreSeconds.push((performance.now() - start) / 1000)
  const used = process.cpuUsage(before)
  processorSeconds.push((used.user + used.system) / 1e6)
}
writeFileSync(scoresPath, Float64Array.from(scores))
console.log(JSON.stringify({ fitSeconds, scoreSeconds, processorSeconds }))

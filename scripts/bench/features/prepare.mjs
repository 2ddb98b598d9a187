// Events to features, from compiled JavaScript: prepare.mjs DIST WORKSPACE
// Prints one line of JSON: processor time and wall time of `prepare` alone, in seconds.
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const [dist, workspace] = process.argv.slice(2)
const load = file => import(pathToFileURL(join(dist, file)).href)
const { openEngine } = await load('sql/duckdb.js')
const { openWorkspace } = await load('sql/workspace.js')
const { prepare } = await load('pipeline/prepare.js')

const silent = { start() {}, step() {}, done() {}, say() {} }
const engine = await openEngine()
const context = { engine, workspace: openWorkspace(workspace), progress: silent, now: new Date() }
const began = performance.now()
const before = process.cpuUsage()
await prepare(context)
const { user, system } = process.cpuUsage(before)
const seconds = (performance.now() - began) / 1000
engine.close()
process.stdout.write(`${JSON.stringify({ seconds, processorSeconds: (user + system) / 1e6 })}\n`)

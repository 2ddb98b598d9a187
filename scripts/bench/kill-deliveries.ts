/**
 * Kills deliveries at random moments, until KILLS of them were hit while sending, then lets one finish, and counts what the receiver and a
 * file got:
 *   npx tsx scripts/bench/kill-deliveries.ts [kills=100] [alerts=1500] [seed=1]
 * Nothing may be lost; what the receiver sees again must carry the same key and bytes; the file has each line once.
 */
import { spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createRandom } from '../../src/lib/random.ts'
import { openAlerts } from '../../test/respond/alerts.ts'

const [kills, alerts, seed] = [100, 1500, 1].map((standard, i) =>
  Number(process.argv[2 + i] ?? standard),
) as [number, number, number]
/** Longer than the lease of a delivery: 60 s and five time-outs of 30 s. */
const MINUTES_APART = 5
/** Kills come so long after the first message of a run arrived, or, one in five, after the start of the process. */
const LONGEST_LIFE_MS = 2000
/** The receiver takes up to so long, so that kills find messages on the way. */
const SLOWEST_ANSWER_MS = 800

const random = createRandom(seed)
const bodies = new Map<string, string>()
let requests = 0
/** Called when a message arrives. */
let onRequest = () => {}
let differing = 0
const server = createServer(async (request, response) => {
  const pieces: Buffer[] = []
  for await (const piece of request) pieces.push(piece as Buffer)
  const id = String(request.headers['webhook-id'])
  const body = Buffer.concat(pieces).toString()
  requests++
  onRequest()
  if (bodies.has(id) && bodies.get(id) !== body) differing++
  bodies.set(id, body)
  setTimeout(() => response.writeHead(204).end(), random.int(SLOWEST_ANSWER_MS))
})
await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
const world = await openAlerts(
  Array.from({ length: alerts }, (_, i) => ({ alertId: `a${i}`, tokenId: `token-${i}` })),
)
const { root } = world.workspace
const config = JSON.stringify({
  sinks: [
    { name: 'soc', kind: 'webhook', url, secretEnv: 'HOOK' },
    { name: 'archive', kind: 'file', folder: 'out' },
  ],
})
const script = fileURLToPath(new URL('../../test/respond/killed-delivery.ts', import.meta.url))

/** Runs a delivery; kills it so many ms after its first message, or its start, or lets it finish. Answers whether it was killed. */
function run(minutes: number, lifeMs?: number, fromStart = false): Promise<boolean> {
  const child = spawn(process.execPath, ['--import', 'tsx', script, root, config, String(minutes)], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  let timer: NodeJS.Timeout | undefined
  const begin = () => {
    timer ??= setTimeout(() => child.kill('SIGKILL'), lifeMs)
  }
  onRequest = lifeMs === undefined ? () => {} : begin
  if (fromStart) begin()
  return new Promise(done => {
    child.once('exit', (_, signal) => {
      clearTimeout(timer)
      done(signal === 'SIGKILL')
    })
  })
}

let killed = 0
let sending = 0
for (let i = 0; sending < kills; i++) {
  const before = requests
  if (await run(i * MINUTES_APART, random.int(LONGEST_LIFE_MS), random.chance(0.2))) {
    killed++
    if (requests > before) sending++
  }
  // All is delivered: no kill would hit anything any more.
  if (bodies.size >= alerts) break
}
await run(10_000)
const lines = readdirSync(join(root, 'out')).flatMap(name =>
  readFileSync(join(root, 'out', name), 'utf8')
    .trimEnd()
    .split('\n'),
)
const ids = lines.map(line => (JSON.parse(line) as { deliveryId: string }).deliveryId)
console.log(
  JSON.stringify({
    kills: killed,
    killsWhileSending: sending,
    alerts,
    keysAtReceiver: bodies.size,
    requests,
    repeatedWithTheSameKeyAndBytes: requests - bodies.size,
    differing,
    linesInFile: lines.length,
    distinctLinesInFile: new Set(ids).size,
  }),
)
world.close()
server.close()
process.exitCode = bodies.size === alerts && differing === 0 && lines.length === alerts ? 0 : 1

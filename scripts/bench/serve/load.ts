/**
 * Asks one route as often as it can, with so many requests in flight, over connections that are kept: a process of its own, so that asking
 * does not slow down answering more than another machine would. Prints what it saw as JSON.
 *
 *     tsx scripts/bench/serve/load.ts URL BODY-FILE TYPE CONCURRENCY SECONDS
 */
import { readFileSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { quantile } from '../../../src/lib/stats.ts'

/** What the load saw; times in milliseconds. */
export interface Load {
  readonly requests: number
  /** Answers other than 200, which count neither as requests nor in the times. */
  readonly failed: number
  readonly perSecond: number
  readonly p50: number
  readonly p99: number
}

const [url, file, type, concurrency, seconds] = process.argv.slice(2) as [
  string,
  string,
  string,
  string,
  string,
]
const body = readFileSync(file)
const agent = new Agent({ keepAlive: true, maxSockets: Number(concurrency) })

function ask(): Promise<number> {
  return new Promise((resolve, reject) => {
    const asking = request(
      url,
      { method: 'POST', agent, headers: { 'content-type': type, 'content-length': body.length } },
      answer => {
        answer.resume()
        answer.once('end', () => resolve(answer.statusCode!))
        answer.once('error', reject)
      },
    )
    asking.once('error', reject)
    asking.end(body)
  })
}

const times: number[] = []
let failed = 0
async function worker(until: number, isMeasured: boolean): Promise<void> {
  do {
    const began = performance.now()
    const status = await ask()
    if (isMeasured && status === 200) times.push(performance.now() - began)
    if (isMeasured && status !== 200) failed++
    // Whom the server sends away comes back when it says.
    if (status === 503) await new Promise(resolve => setTimeout(resolve, 2000))
  } while (performance.now() < until)
}

const workers = (lastsMs: number, isMeasured: boolean) => {
  const until = performance.now() + lastsMs
  return Promise.all(Array.from({ length: Number(concurrency) }, () => worker(until, isMeasured)))
}
// A fifth of the time to warm up.
await workers(200 * Number(seconds), false)
const began = performance.now()
await workers(1000 * Number(seconds), true)
const took = (performance.now() - began) / 1000
agent.destroy()
const load: Load = {
  requests: times.length,
  failed,
  perSecond: times.length / took,
  p50: quantile(times, 0.5),
  p99: quantile(times, 0.99),
}
process.stdout.write(JSON.stringify(load))

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { Random } from '../../../src/lib/random.ts'
import { type Engine, quoteText } from '../../../src/sql/duckdb.ts'
import { openWorkspace, type Workspace } from '../../../src/sql/workspace.ts'
import { listRuns } from '../../../src/state/runs.ts'
import { withState } from '../../../src/state/state.ts'
import { compareWorkspaces, type Difference, leftovers } from './compare.ts'
import type { KillWorld } from './world.ts'

/** A server that is killed lives so long at most from its first request on, in times that a request usually takes. */
const LONGEST_LIFE = 3

export interface KilledServer {
  readonly batches: number
  /** Servers killed, and of those how many had a request to answer. */
  readonly kills: number
  readonly killedAtWork: number
  /** Batches that were sent again since nobody had answered. */
  readonly retries: number
  /** Events that an answer called known already: they were stored, and then nobody could say so. */
  readonly storedUnanswered: number
  readonly recordedKilled: number
  readonly differences: readonly Difference[]
  readonly leftovers: readonly string[]
}

/**
 * Sends the log in batches to a server that is killed at random moments and started again; the client sends again what was not answered.
 * Compares the events with those of a server that was let be.
 */
export async function killServer(
  engine: Engine,
  world: KillWorld,
  options: {
    keyhound: readonly string[]
    kills: number
    batches: number
    random: Random
    say?: (line: string) => void
  },
): Promise<KilledServer> {
  const bodies = await bodiesOf(engine, world, options.batches)
  const letBe = await emptyWorkspace(world, 'served')
  const { server, url } = await start(options.keyhound, letBe)
  const began = performance.now()
  for (const body of bodies) await post(url, body)
  const usualMs = (performance.now() - began) / bodies.length
  await kill(server)

  const workspace = await emptyWorkspace(world, 'served-killed')
  const sent = await sendAndKill(workspace, bodies, { ...options, longestMs: LONGEST_LIFE * usualMs })
  const runs = await withState(workspace, state => listRuns(state, { limit: 1_000_000 }))
  const all = await compareWorkspaces(engine, letBe, workspace)
  return {
    batches: bodies.length,
    ...sent,
    recordedKilled: runs.filter(run => run.status === 'killed').length,
    // A checkpoint names the file of a request, which is another each time.
    differences: all.filter(({ table }) => table === 'events' || table === 'rejects'),
    leftovers: leftovers(workspace),
  }
}

async function sendAndKill(
  workspace: Workspace,
  bodies: readonly string[],
  {
    keyhound,
    kills,
    random,
    longestMs,
    say = () => {},
  }: Parameters<typeof killServer>[2] & { longestMs: number },
) {
  const tally = { kills: 0, killedAtWork: 0, retries: 0, storedUnanswered: 0 }
  let next = 0
  while (next < bodies.length || tally.kills < kills) {
    const { server, url } = await start(keyhound, workspace)
    const isLast = tally.kills === kills
    let isAtWork = false
    const dead = isLast
      ? new Promise<void>(() => {})
      : wait(random.uniform(0, longestMs)).then(() => {
          if (isAtWork) tally.killedAtWork++
          return kill(server)
        })
    const dying = { isOver: false }
    dead.then(() => {
      dying.isOver = true
    })
    // Batches are spread over the kills, so that the last server finds some left.
    const most = isLast ? bodies.length : Math.ceil(((tally.kills + 1) * bodies.length) / (kills + 1))
    while (next < most && !dying.isOver) {
      isAtWork = true
      const answer = await post(url, bodies[next]!).catch(() => null)
      isAtWork = false
      if (answer === null) {
        tally.retries++
        break
      }
      tally.storedUnanswered += answer.duplicates
      next++
    }
    if (isLast) await kill(server)
    else {
      // Work that is done again changes nothing: it keeps the server busy until it is killed.
      while (!dying.isOver && next > 0) {
        isAtWork = true
        if ((await post(url, bodies[next - 1]!).catch(() => null)) === null) break
        isAtWork = false
      }
      await dead
      tally.kills++
      if (tally.kills % 10 === 0)
        say(`server killed ${tally.kills} times, ${next} of ${bodies.length} batches answered`)
    }
    if (isLast) break
  }
  return tally
}

/** The log to come as JSON lines, in order of time, in so many bodies. */
async function bodiesOf(engine: Engine, world: KillWorld, batches: number): Promise<string[]> {
  const files = world.slices.flat().map(quoteText).join(', ')
  const rows = await engine.rows<{ line: string }>(
    `SELECT to_json(e) AS line FROM (SELECT DISTINCT * FROM read_csv([${files}], all_varchar = true) WHERE token_id IS NOT NULL) e ORDER BY time, event_id`,
  )
  const size = Math.ceil(rows.length / batches)
  return Array.from({ length: Math.ceil(rows.length / size) }, (_, i) =>
    rows
      .slice(i * size, (i + 1) * size)
      .map(row => `${row.line}\n`)
      .join(''),
  )
}

async function emptyWorkspace(world: KillWorld, name: string): Promise<Workspace> {
  const workspace = openWorkspace(join(world.folder, name))
  mkdirSync(workspace.root, { recursive: true })
  await withState(workspace, async () => {})
  return workspace
}

/** Starts `keyhound serve` at a free port; answers when it listens. */
async function start(
  keyhound: readonly string[],
  { root }: Workspace,
): Promise<{ server: ChildProcess; url: string }> {
  const argv = [...keyhound, 'serve', '--port', '0', '--json', '--log-level', 'silent', '--workspace', root]
  const server = spawn(argv[0]!, argv.slice(1), { stdio: ['ignore', 'pipe', 'inherit'] })
  let said = ''
  for await (const piece of server.stdout!) {
    said += piece
    if (said.trimEnd().endsWith('}')) return { server, url: (JSON.parse(said) as { url: string }).url }
  }
  throw new Error(`keyhound serve ended before it listened: ${said}`)
}

async function kill(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return
  const ended = once(server, 'exit')
  server.kill('SIGKILL')
  await ended
}

/** Sends a batch; throws when the server does not answer, or refuses it. */
async function post(url: string, body: string): Promise<{ added: number; duplicates: number }> {
  const answer = await fetch(`${url}/v1/events?tokens=identifier`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson' },
    body,
  })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${answer.status}: ${text}`)
  return JSON.parse(text)
}

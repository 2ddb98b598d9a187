import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))

/** A running `keyhound serve`. */
export interface BenchServer {
  readonly child: ChildProcess
  readonly url: string
  readonly ended: Promise<unknown>
}

/** Starts the built server on a free port of this machine; answers once it listens, throws when it ends before. */
export async function startServer(workspace: string, config: string): Promise<BenchServer> {
  const args = [
    'serve',
    '--port',
    '0',
    '--log-level',
    'warn',
    '--config',
    config,
    '--workspace',
    workspace,
    '--json',
  ]
  const child = spawn(process.execPath, [main, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = new Promise(resolve => child.once('close', resolve))
  const url = await new Promise<string>((resolve, reject) => {
    let said = ''
    child.stdout.on('data', piece => {
      said += piece
      if (said.trimEnd().endsWith('}')) resolve(JSON.parse(said).url)
    })
    ended.then(() => reject(new Error('the server ended before it listened')))
  })
  return { child, url, ended }
}

/** 10^6 bytes. */
export function residentMegabytes(child: ChildProcess): number {
  const { stdout } = spawnSync('ps', ['-o', 'rss=', '-p', String(child.pid)], { encoding: 'utf8' })
  return (Number(stdout) * 1024) / 1e6
}

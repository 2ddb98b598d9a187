import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'

/** The command as users run it, in a process of its own. */
export interface Watcher {
  /** What it said of itself at its end, as `--json` has it; null before. */
  readonly summary: Record<string, unknown> | null
  /** Resident set, 10^6 bytes; NaN where the system does not tell. */
  megabytes(): number
  kill(): Promise<void>
  /** Asks it to end; throws unless it ends well. */
  stop(): Promise<void>
}

export async function startWatcher(workspace: string, log: string, every: string): Promise<Watcher> {
  const main = new URL('../../../dist/cli/main.js', import.meta.url).pathname
  const child: ChildProcess = spawn(
    process.execPath,
    [
      main,
      '--json',
      '--workspace',
      workspace,
      'watch',
      '--from',
      'file',
      '--path',
      log,
      '--every',
      every,
      '--tokens',
      'identifier',
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  let said = ''
  child.stdout!.on('data', piece => {
    said += piece
  })
  let summary: Record<string, unknown> | null = null
  return {
    get summary() {
      return summary
    },
    megabytes() {
      try {
        const kilobytes = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))
        return kilobytes === null ? Number.NaN : (Number(kilobytes[1]) * 1024) / 1e6
      } catch {
        return Number.NaN
      }
    },
    async kill() {
      if (child.exitCode !== null || child.signalCode !== null) return
      const ended = once(child, 'exit')
      child.kill('SIGKILL')
      await ended
    },
    async stop() {
      const ended = once(child, 'close')
      child.kill('SIGTERM')
      const [code] = await ended
      if (code !== 0) throw new Error(`the watcher ended with ${code}`)
      summary = JSON.parse(said)
    },
  }
}

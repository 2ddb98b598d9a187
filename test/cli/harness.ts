import { Writable } from 'node:stream'
import type { Effects, Output } from '../../src/cli/effects.ts'
import { runCli } from '../../src/cli/program.ts'

export interface Run {
  readonly exitCode: number
  readonly stdout: string
  readonly bytes: Buffer
  readonly stderr: string
}

export interface Given {
  readonly stdin?: string
  readonly cwd?: string
  readonly env?: Record<string, string>
  /** Both outputs are terminals. */
  readonly terminal?: boolean
  readonly now?: Date
}

/** Runs a command line in this process, silent, at a set time. */
export async function keyhound(argv: readonly string[], given: Given = {}): Promise<Run> {
  const out = capture(given.terminal)
  const err = capture(given.terminal)
  const effects: Effects = {
    stdin: (async function* () {
      yield given.stdin ?? ''
    })(),
    stdout: out.output,
    stderr: err.output,
    env: given.env ?? {},
    cwd: given.cwd ?? process.cwd(),
    user: 'ann',
    now: () => given.now ?? new Date('2026-11-01T00:00:00Z'),
    stopSignal: () => new Promise(() => {}),
  }
  const exitCode = await runCli(argv, effects, '1.2.3')
  return { exitCode, stdout: out.bytes().toString(), bytes: out.bytes(), stderr: err.bytes().toString() }
}

function capture(terminal = false): { output: Output; bytes(): Buffer } {
  const pieces: Buffer[] = []
  const stream = new Writable({
    write(piece, _encoding, done) {
      pieces.push(Buffer.from(piece))
      done()
    },
  })
  const output = Object.assign(stream, terminal ? { isTTY: true, columns: 120 } : {}) as Output
  return { output, bytes: () => Buffer.concat(pieces) }
}

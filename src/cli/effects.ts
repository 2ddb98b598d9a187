import { userInfo } from 'node:os'

/** A place to write to; `isTTY` decides about colours, bars and tables fitted to a screen. */
export type Output = NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number }

/** Everything the command line does to the outside world besides files: injected, so that tests run silent and at a set time. */
export interface Effects {
  readonly stdin: AsyncIterable<string | Uint8Array>
  readonly stdout: Output
  readonly stderr: Output
  readonly env: Readonly<Record<string, string | undefined>>
  /** Folder that relative paths start from. */
  readonly cwd: string
  /** Who gives verdicts and owns suppressions unless told otherwise. */
  readonly user: string
  now(): Date
  /** The signal that asks the process to end, when one comes; from the call on it is for the caller to end in good order. */
  stopSignal(): Promise<string>
}

/** The effects of a real process. */
export function processEffects(): Effects {
  return {
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    cwd: process.cwd(),
    user: userName(),
    now: () => new Date(),
    stopSignal: () =>
      new Promise(resolve => {
        for (const signal of ['SIGTERM', 'SIGINT'] as const) {
          // Those of main.ts among them, which end the process at once.
          process.removeAllListeners(signal)
          process.once(signal, () => resolve(signal))
        }
      }),
  }
}

/** The login name; containers may run under an id that has none. */
function userName(): string {
  try {
    return userInfo().username
  } catch {
    return `uid ${process.getuid?.() ?? 'unknown'}`
  }
}

/** Writes and waits until the reader keeps up, so that large results never pile up in memory. */
export async function write(output: Output, data: string | Uint8Array): Promise<void> {
  if (output.write(data)) return
  await new Promise<void>((resolve, reject) => {
    const drained = () => {
      output.removeListener('error', failed)
      resolve()
    }
    const failed = (error: Error) => {
      output.removeListener('drain', drained)
      reject(error)
    }
    output.once('drain', drained)
    output.once('error', failed)
  })
}

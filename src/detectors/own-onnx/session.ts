import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import { KeyhoundError, messageOf } from '../../lib/errors.ts'
import { WORKER_CODE, WORKING } from './worker-code.ts'

/** An ONNX model that is loaded and takes rows of `width` numbers. */
export interface OnnxSession {
  readonly input: string
  readonly output: string
  /** Package that runs it. */
  readonly runtime: string
  /**
   * One number a row of `rows` (count, width), float32: what the output says, or the last of several columns. Throws
   * KeyhoundError 'bad-input' when the model fails. Rows go through one at a time, since matrix kernels add in another order
   * for other numbers of rows, and a score must not depend on its neighbours.
   */
  run(rows: Float32Array, count: number): Float64Array
}

export interface OnnxSource {
  /** For messages. */
  readonly name: string
  readonly bytes: Uint8Array
  readonly width: number
  /** @default the only one */
  readonly input?: string | null
  /** @default the only one */
  readonly output?: string | null
  /** Packages that may run it, the first that is installed. @default onnxruntime-node (native), onnxruntime-web (WebAssembly) */
  readonly runtimes?: readonly string[]
}

const RUNTIMES: readonly string[] = ['onnxruntime-node', 'onnxruntime-web']

/** Rows handed over at once. */
const BLOCK_ROWS = 1024

/** Milliseconds that a block may take: models of seconds a row are not for a million token-hours. */
const PATIENCE_MS = 120_000

/** Bytes of an error's text that come back. */
const MOST_ERROR_BYTES = 2000

/**
 * Loads a model in a thread of its own, where the runtime's promises are awaited while this thread waits: scoring stays a plain
 * function, as with every other detector. The thread lives as long as the process and does not keep it alive. Throws
 * KeyhoundError 'unavailable' without a runtime, 'bad-input' when the model does not load or does not take such rows.
 */
export async function openOnnx({
  name,
  bytes,
  width,
  input,
  output,
  runtimes = RUNTIMES,
}: OnnxSource): Promise<OnnxSession> {
  const { runtime, address } = findRuntime(name, runtimes)
  const control = new Int32Array(new SharedArrayBuffer(8))
  const rows = new Float32Array(new SharedArrayBuffer(4 * BLOCK_ROWS * width))
  const results = new Float64Array(new SharedArrayBuffer(8 * BLOCK_ROWS))
  const failure = new Uint8Array(new SharedArrayBuffer(MOST_ERROR_BYTES))
  const worker = new Worker(WORKER_CODE, {
    eval: true,
    workerData: { address, bytes, width, input, output, control, rows, results, failure },
  })
  const ready = await firstMessage(worker, name)
  worker.unref()
  const fail = (because: string): never => {
    throw new KeyhoundError('bad-input', `ONNX model "${name}" failed: ${because}`, { where: name })
  }
  const runBlock = (count: number) => {
    Atomics.store(control, 0, WORKING)
    worker.postMessage(count)
    if (Atomics.wait(control, 0, WORKING, PATIENCE_MS) === 'timed-out')
      fail(`no answer for ${count} rows within ${PATIENCE_MS / 1000} s`)
    const length = Atomics.load(control, 1)
    if (length > 0) fail(new TextDecoder().decode(failure.slice(0, length)))
  }
  return {
    ...ready,
    runtime,
    run(data, count) {
      const scores = new Float64Array(count)
      for (let start = 0; start < count; start += BLOCK_ROWS) {
        const some = Math.min(BLOCK_ROWS, count - start)
        rows.set(data.subarray(start * width, (start + some) * width))
        runBlock(some)
        scores.set(results.subarray(0, some), start)
      }
      return scores
    },
  }
}

function findRuntime(name: string, runtimes: readonly string[]): { runtime: string; address: string } {
  const { resolve } = createRequire(import.meta.url)
  for (const runtime of runtimes) {
    try {
      return { runtime, address: pathToFileURL(resolve(runtime)).href }
    } catch {
      // The next one may be there.
    }
  }
  throw new KeyhoundError(
    'unavailable',
    `ONNX model "${name}" needs a package that runs it: npm install onnxruntime-node (or onnxruntime-web where no native code may be installed)`,
    { where: name },
  )
}

/** What the thread says first: the names it uses, or why it cannot. */
function firstMessage(worker: Worker, name: string): Promise<{ input: string; output: string }> {
  return new Promise((resolve, reject) => {
    const refuse = (because: string) =>
      reject(
        new KeyhoundError('bad-input', `ONNX model "${name}" does not load: ${because}`, { where: name }),
      )
    worker.once('error', error => refuse(messageOf(error)))
    worker.once('message', (said: { input: string; output: string } | { because: string }) => {
      if ('because' in said) refuse(said.because)
      else resolve(said)
    })
  })
}

import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type * as Core from '@tensorflow/tfjs-core'
import type * as Layers from '@tensorflow/tfjs-layers'
import { KeyhoundError, messageOf } from '../lib/errors.ts'

/** TensorFlow.js, ready to compute. */
export interface TensorFlow {
  readonly tf: typeof Core
  readonly layers: typeof Layers
  /** What computes: "tensorflow" (tfjs-node's native library), "wasm" or "cpu". Their results differ in the seventh digit. */
  readonly backend: string
}

let loading: Promise<TensorFlow> | undefined

/**
 * Loads TensorFlow.js once a process, with the first backend that works: tfjs-node where it is installed with its native
 * library, else WebAssembly from a file inside node_modules (no network), else plain JavaScript. Takes 0.1-0.2 s, so only
 * training, saving and comparing call it; scoring does without. Throws KeyhoundError 'internal' when none works.
 */
export function loadTensorFlow(): Promise<TensorFlow> {
  loading ??= withoutProcessListeners(start)
  return loading
}

/**
 * The WebAssembly module's loader puts itself on the process's uncaughtException and unhandledRejection, where it would throw again and print
 * its whole source: whoever runs this process decides on that, so what was added is taken off again.
 */
async function withoutProcessListeners<T>(work: () => Promise<T>): Promise<T> {
  const kept = EVENTS.map(event => new Set(process.rawListeners(event)))
  try {
    return await work()
  } finally {
    EVENTS.forEach((event, e) => {
      for (const listener of process.rawListeners(event))
        if (!kept[e]!.has(listener)) process.removeListener(event, listener as () => void)
    })
  }
}

const EVENTS = ['uncaughtException', 'unhandledRejection'] as const

async function start(): Promise<TensorFlow> {
  const tf = await import('@tensorflow/tfjs-core')
  // Keeps the libraries from writing advice to the console.
  tf.enableProdMode()
  const layers = await import('@tensorflow/tfjs-layers')
  const failures: string[] = []
  for (const [backend, register] of BACKENDS) {
    try {
      if ((await register()) && (await tf.setBackend(backend))) {
        await tf.ready()
        return { tf, layers, backend }
      }
      failures.push(`${backend}: not available`)
    } catch (error) {
      failures.push(`${backend}: ${messageOf(error)}`)
    }
  }
  throw new KeyhoundError(
    'internal',
    `no TensorFlow.js backend works (${failures.join('; ')}). Reinstall with npm ci`,
  )
}

/** Backends in order of preference; each registers itself and answers whether it can be tried. */
const BACKENDS: readonly (readonly [string, () => Promise<boolean>])[] = [
  ['tensorflow', registerNative],
  ['wasm', registerWasm],
  ['cpu', registerCpu],
]

const require = createRequire(import.meta.url)

/** tfjs-node is optional, and its install may have succeeded without the library it downloads. */
async function registerNative(): Promise<boolean> {
  let folder: string
  try {
    folder = dirname(require.resolve('@tensorflow/tfjs-node/package.json'))
  } catch {
    return false
  }
  if (!existsSync(join(folder, 'lib'))) return false
  require('@tensorflow/tfjs-node')
  return true
}

async function registerWasm(): Promise<boolean> {
  const wasm = await import('@tensorflow/tfjs-backend-wasm')
  // The package's main file lies beside its .wasm files.
  wasm.setWasmPaths(`${dirname(require.resolve('@tensorflow/tfjs-backend-wasm'))}/`)
  return true
}

async function registerCpu(): Promise<boolean> {
  await import('@tensorflow/tfjs-backend-cpu')
  return true
}

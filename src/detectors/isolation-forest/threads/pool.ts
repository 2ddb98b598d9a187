import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import { KeyhoundError, messageOf } from '../../../lib/errors.ts'
import { createDesk, type Desk, type Message } from './desk.ts'

/** A thread that scores, and the desks it looks after: while it works on one, the next is filled. */
export interface Clerk {
  readonly desks: readonly Desk[]
  post(message: Message): void
  end(): void
}

const DESKS = 2

const pool: Clerk[] = []
let failure: string | undefined

/**
 * So many clerks. They are kept, since a thread takes 57 to 105 ms to start, end with the process and do not keep it alive.
 * That one ended is told here, at the next call: the caller's own thread was busy, and could not hear of it.
 * Throws KeyhoundError 'internal'.
 */
export function hireClerks(count: number): readonly Clerk[] {
  if (failure !== undefined) {
    const because = failure
    dismissClerks()
    throw new KeyhoundError('internal', `a scoring thread ended: ${because}. Score with threads: 1`)
  }
  while (pool.length < count) pool.push(startClerk())
  return pool.slice(0, count)
}

/** Ends all threads, whatever they do; the next call starts new ones. */
export function dismissClerks(): void {
  for (const clerk of pool.splice(0)) clerk.end()
  failure = undefined
}

function startClerk(): Clerk {
  const desks = Array.from({ length: DESKS }, createDesk)
  const worker = openWorker(desks)
  worker.on('error', error => {
    failure = messageOf(error)
  })
  worker.unref()
  return {
    desks,
    post: message => worker.postMessage(message),
    end: () => void worker.terminate(),
  }
}

/**
 * The worker's file beside this one. From the sources (tests, tsx) it is TypeScript, which Node reads from 22.18 on and for
 * which an older one is first given tsx's loader.
 */
function openWorker(desks: readonly Desk[]): Worker {
  const isSource = import.meta.url.endsWith('.ts')
  const address = new URL(isSource ? './worker.ts' : './worker.js', import.meta.url)
  if (!isSource || Reflect.get(process.features, 'typescript'))
    return new Worker(address, { workerData: desks, execArgv: [] })
  // By its file, since `require` resolves to the other build, which cannot register.
  const loader = new URL(
    'dist/esm/api/index.mjs',
    pathToFileURL(createRequire(import.meta.url).resolve('tsx/package.json')),
  )
  const code = `import('${loader}').then(({ register }) => { register(); return import('${address}') })`
  return new Worker(code, { eval: true, workerData: desks, execArgv: [] })
}

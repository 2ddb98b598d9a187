import type { Workspace } from '../engine/workspace.ts'
import { keepCube } from '../pipeline/explore/cube.ts'
import { type Cube, explore } from '../pipeline/explore/explore.ts'
import type { ExploreAnswer, ExploreQuestion } from '../schema/explore.ts'
import type { Connections } from './connections.ts'

/** Answers questions about all scored token-hours from memory. */
export type Explorer = (question: ExploreQuestion, signal: AbortSignal) => Promise<ExploreAnswer>

/** What is published is looked for again after so long, ms: a brush that is dragged asks many times a second. */
const FRESH_MS = 1000

/** An explorer that reads what is published when first asked, and what is new later: by one reader at a time, whoever asks. */
export function createExplorer(workspace: Workspace, connections: Connections): Explorer {
  const keeper = keepCube(workspace)
  let reading: Promise<Cube> | undefined
  let until = 0
  const current = (): Promise<Cube> => {
    if (reading !== undefined && performance.now() < until) return reading
    const opened = connections.use(engine => keeper.current(engine))
    reading = opened
    // Whoever comes while it is read waits for the same.
    until = Number.POSITIVE_INFINITY
    opened.then(
      () => {
        until = performance.now() + FRESH_MS
      },
      () => {
        reading = undefined
      },
    )
    return opened
  }
  return async (question, signal) => {
    const cube = await current()
    signal.throwIfAborted()
    return explore(cube, question, signal)
  }
}

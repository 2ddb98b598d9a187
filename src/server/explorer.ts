import { keepCube } from '../pipeline/explore/cube.ts'
import { type Cube, explore } from '../pipeline/explore/explore.ts'
import type { ExploreAnswer, ExploreQuestion } from '../schema/explore.ts'
import type { Workspace } from '../sql/workspace.ts'
import type { Connections } from './connections.ts'

/** Answers questions about all scored token-hours from memory. */
export type Explorer = (question: ExploreQuestion, signal: AbortSignal) => Promise<ExploreAnswer>

/** What is published is looked for again after so long, ms: a brush that is dragged asks many times a second. */
const FRESH_MS = 1000

/** Answers kept of one state of the scores: what is shown before anything is brushed, and steps that are taken back. */
const MOST_ANSWERS = 32

/** An explorer that reads what is published when first asked, and what is new later: by one reader at a time, whoever asks. */
export function createExplorer(workspace: Workspace, connections: Connections): Explorer {
  const keeper = keepCube(workspace)
  let reading: Promise<Cube> | undefined
  let until = 0
  let kept: { cube: Cube; answers: Map<string, ExploreAnswer> } | undefined
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
    if (kept?.cube !== cube) kept = { cube, answers: new Map() }
    const { answers } = kept
    const asked = JSON.stringify(question)
    const known = answers.get(asked)
    if (known !== undefined) return known
    const answer = await explore(cube, question, signal)
    answers.set(asked, answer)
    for (const oldest of [...answers.keys()].slice(0, -MOST_ANSWERS)) answers.delete(oldest)
    return answer
  }
}

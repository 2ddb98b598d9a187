import { useSignal, useSignalEffect } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { type ApiError, api, ask, type Row } from '../../lib/api.ts'
import { changes } from '../../lib/live.ts'
import { type Brushes, countBrushes, NO_BRUSH, requestOf } from './brushes.ts'

export type Answer = Row<'ExploreAnswer'>

export interface Explored {
  /** Under the brushes; null until the first answer. */
  readonly answer: Answer | null
  /** Without any brush: what there is to compare with. */
  readonly all: Answer | null
  readonly error: ApiError | null
  /** From the request to its answer, ms. */
  readonly tookMs: number | null
  /** Whether a newer answer is on its way. */
  readonly isBehind: boolean
  retry(): void
}

/** From one request to the next at least, ms: thirty a second are smooth, and stay below the rate that the API grants a key. */
const PACE_MS = 33

interface Question {
  readonly brushes: Brushes
  readonly mostValues: number
}

/** Asks again where the server gave up waiting: what it reads at first is read on all the same, and the next to ask gets it. */
async function askPatiently(body: Row<'ExploreBrushes'>): Promise<Answer> {
  for (;;) {
    try {
      return await ask(api.POST('/v1/explore', { body }))
    } catch (error) {
      if ((error as ApiError).code !== 'timeout') throw error
    }
  }
}

/**
 * Asks what the brushes leave. One request is on its way at a time: brushes that move meanwhile are left out but for the newest, which
 * is asked for as soon as the answer is there. So a dragged brush is followed as fast as answers come, and never from behind.
 */
export function useExplore(brushes: Brushes, mostValues: number): Explored {
  const shown = useSignal<Pick<Explored, 'answer' | 'all' | 'error' | 'tookMs' | 'isBehind'>>({
    answer: null,
    all: null,
    error: null,
    tookMs: null,
    isBehind: true,
  })
  const pending = useRef<Question | null>(null)
  const isAsking = useRef(false)
  const isGone = useRef(false)
  const latest = useRef<Question>({ brushes, mostValues })
  latest.current = { brushes, mostValues }

  const send = async () => {
    if (isAsking.current || isGone.current) return
    isAsking.current = true
    shown.value = { ...shown.peek(), isBehind: true }
    while (pending.current !== null && !isGone.current) {
      const question = pending.current
      pending.current = null
      const began = performance.now()
      try {
        const body = requestOf(question.brushes, question.mostValues)
        const answer = await askPatiently(body)
        const tookMs = performance.now() - began
        const all = countBrushes(question.brushes) === 0 ? answer : shown.peek().all
        shown.value = { answer, all, error: null, tookMs, isBehind: pending.current !== null }
      } catch (error) {
        shown.value = { ...shown.peek(), error: error as ApiError, isBehind: false }
      }
      const rest = PACE_MS - (performance.now() - began)
      if (rest > 0) await new Promise(resolve => setTimeout(resolve, rest))
    }
    isAsking.current = false
  }
  const askAnew = (question: Question) => {
    pending.current = question
    void send()
  }
  /** What is there without brushes is asked for first, and once. */
  const start = async () => {
    const question = latest.current
    if (countBrushes(question.brushes) > 0) {
      try {
        const all = await askPatiently(requestOf(NO_BRUSH, question.mostValues))
        shown.value = { ...shown.peek(), all }
      } catch (error) {
        shown.value = { ...shown.peek(), error: error as ApiError, isBehind: false }
        return
      }
    }
    askAnew(latest.current)
  }

  useEffect(() => {
    void start()
    return () => {
      isGone.current = true
    }
  }, [])
  const isFirst = useRef(true)
  useEffect(() => {
    if (isFirst.current) isFirst.current = false
    else askAnew(latest.current)
  }, [brushes, mostValues])
  const mark = useRef<string | null>(null)
  useSignalEffect(() => {
    const now = changes.value?.scores ?? null
    if (mark.current !== null && now !== null && now !== mark.current) void start()
    mark.current = now ?? mark.current
  })
  return { ...shown.value, retry: () => void start() }
}

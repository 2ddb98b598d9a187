import { useSignal, useSignalEffect } from '@preact/signals'
import { useCallback, useEffect, useRef } from 'preact/hooks'
import type { ApiError } from './api.ts'
import { type Change, changes } from './live.ts'

/** What a view shows: the last data that came, beside what keeps newer from coming. */
export interface Resource<T> {
  readonly data: T | null
  readonly error: ApiError | null
  readonly isLoading: boolean
  /** Reads again, unless that has begun since a moment (of performance.now()); done when data at least as new is in place. */
  reload(since?: number): Promise<void>
  /** Puts other data in place at once: an optimistic change, until the next reading. */
  set(data: T): void
}

/**
 * Reads from the API when a component appears, when `key` changes, and when one of the named marks of change does. What was read stays
 * until newer data is there, but not across keys; an answer that comes too late is dropped.
 */
export function useResource<T>(read: () => Promise<T>, key: string, on: readonly Change[] = []): Resource<T> {
  const shown = useSignal<Pick<Resource<T>, 'data' | 'error' | 'isLoading'> & { key: string }>({
    data: null,
    error: null,
    isLoading: true,
    key,
  })
  const asked = useRef(0)
  const latest = useRef(read)
  latest.current = read
  const running = useRef<{ done: Promise<void>; began: number } | null>(null)
  const readOnce = useCallback(async () => {
    const turn = ++asked.current
    const kept = shown.peek()
    shown.value = { ...kept, data: kept.key === key ? kept.data : null, isLoading: true, key }
    try {
      const data = await latest.current()
      if (turn === asked.current) shown.value = { data, error: null, isLoading: false, key }
    } catch (error) {
      if (turn === asked.current) {
        shown.value = { ...shown.peek(), error: error as ApiError, isLoading: false }
      }
    }
  }, [key])
  const reload = useCallback(
    async (since?: number) => {
      if (since === undefined || running.current === null || running.current.began < since) {
        running.current = { done: readOnce(), began: performance.now() }
      }
      // A reading that is overtaken by a later one is done when that is.
      let last: Promise<void>
      do {
        last = running.current!.done
        await last
      } while (running.current!.done !== last)
    },
    [readOnce],
  )
  useEffect(() => {
    void reload()
    return () => {
      asked.current++
    }
  }, [reload])
  const marks = useRef<string | null>(null)
  useSignalEffect(() => {
    const now = changes.value === null ? null : on.map(name => changes.value![name]).join()
    if (marks.current !== null && now !== null && now !== marks.current) void reload()
    marks.current = now ?? marks.current
  })
  const { data, error, isLoading } = shown.value
  return {
    data: shown.value.key === key ? data : null,
    error,
    isLoading,
    reload,
    set: changed => {
      asked.current++
      shown.value = { data: changed, error: null, isLoading: false, key }
    },
  }
}

/** A value once it has stayed the same for so long, ms: what is skimmed past is not read in full. */
export function useResting<T>(value: T, ms: number): T {
  const rested = useSignal(value)
  useEffect(() => {
    const timer = setTimeout(() => {
      rested.value = value
    }, ms)
    return () => clearTimeout(timer)
  }, [value, ms])
  return rested.value
}

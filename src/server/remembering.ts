/** Answers kept at most: callers choose what they ask, and must not fill the memory. */
const MOST_KEPT = 1000

/** A function that answers the same question from memory for so many milliseconds. What it throws is not kept. */
export function remembering<T>(ask: (question: string) => T, ms: number): (question: string) => T {
  const kept = new Map<string, { answer: T; until: number }>()
  return question => {
    const at = performance.now()
    const known = kept.get(question)
    if (known !== undefined && at < known.until) return known.answer
    const answer = ask(question)
    if (kept.size >= MOST_KEPT) kept.clear()
    kept.set(question, { answer, until: at + ms })
    return answer
  }
}

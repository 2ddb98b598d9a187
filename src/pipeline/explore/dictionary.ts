/** Texts by number, in the order in which they were first met; a number never changes its text. */
export interface Dictionary<T> {
  readonly values: T[]
  codeOf(key: string, value: () => T): number
  /** The number of a text that was met; undefined for others. */
  find(key: string): number | undefined
}

export function createDictionary<T>(): Dictionary<T> {
  const codes = new Map<string, number>()
  const values: T[] = []
  return {
    values,
    codeOf(key, value) {
      const known = codes.get(key)
      if (known !== undefined) return known
      const code = values.length
      codes.set(key, code)
      values.push(value())
      return code
    },
    find: key => codes.get(key),
  }
}

/** A text, or null, as a key: nothing that a log holds is taken for null. */
export const keyOf = (value: string | null): string => (value === null ? '' : `=${value}`)

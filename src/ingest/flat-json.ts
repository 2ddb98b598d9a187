/** A member of a flat record: the text of a string, a number, or its digits as the record has them. */
export type FlatValue = string | { readonly digits: string }

/** A string without what has to be unescaped, a number, or nothing; what follows it is the next member, or the end. */
const MEMBER =
  /[ \t]*"([a-z_]{1,32})"[ \t]*:[ \t]*(?:"((?:[^"\\\p{Cc}]|\\["\\/bfnrt]|\\u[0-9a-fA-F]{4})*)"|(-?(?:0|[1-9]\d*)(?:\.\d+)?)|(null))[ \t]*([,}])/uy

/**
 * The members of a JSON object of strings and plain numbers that stands in one line; members that are null are left out. Null where it is
 * anything else: nested, with an exponent, with a name twice, or no JSON at all. Whoever asks then has to read it some other way.
 */
export function parseFlat(line: string): Map<string, FlatValue> | null {
  if (!line.startsWith('{')) return null
  const members = new Map<string, FlatValue>()
  const names = new Set<string>()
  MEMBER.lastIndex = 1
  for (;;) {
    const found = MEMBER.exec(line)
    if (found === null) return null
    const [, name, text, digits, , end] = found
    if (names.has(name!)) return null
    names.add(name!)
    if (text !== undefined) members.set(name!, text.includes('\\') ? JSON.parse(`"${text}"`) : text)
    else if (digits !== undefined) members.set(name!, { digits })
    if (end === '}') return MEMBER.lastIndex === line.length ? members : null
  }
}

/** CloudTrail and OCSF nest ten deep; what nests on and on is made to overflow the stack of whoever walks it. */
export const MOST_JSON_LEVELS = 200

const [QUOTE, BACKSLASH, OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = Buffer.from('"\\[]{}')

/** Whether JSON nests deeper than is read here, told from its bytes in one pass before anything is made of them. */
export function isTooDeep(json: Uint8Array): boolean {
  let level = 0
  let isText = false
  for (let i = 0; i < json.length; i++) {
    const byte = json[i]
    if (isText) {
      if (byte === BACKSLASH) i++
      else if (byte === QUOTE) isText = false
    } else if (byte === QUOTE) isText = true
    else if (byte === OPEN_LIST || byte === OPEN_OBJECT) {
      level++
      if (level > MOST_JSON_LEVELS) return true
    } else if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) level--
  }
  return false
}

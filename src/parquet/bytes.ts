const encoder = new TextEncoder()

/** Bytes that are appended to, in a buffer that grows. */
export class Bytes {
  length = 0
  #data: Uint8Array

  constructor(room = 1 << 16) {
    this.#data = new Uint8Array(room)
  }

  /** What was appended; valid until the next byte. */
  get written(): Uint8Array {
    return this.#data.subarray(0, this.length)
  }

  clear(): void {
    this.length = 0
  }

  byte(value: number): void {
    if (this.length === this.#data.length) this.#widen(1)
    this.#data[this.length++] = value
  }

  put(bytes: Uint8Array): void {
    if (this.length + bytes.length > this.#data.length) this.#widen(bytes.length)
    this.#data.set(bytes, this.length)
    this.length += bytes.length
  }

  /** Four bytes, the lowest first. */
  word(value: number): void {
    for (let shift = 0; shift < 32; shift += 8) this.byte((value >>> shift) & 255)
  }

  /** A text in UTF-8, after its length as a word. */
  text(value: string): void {
    const most = 4 + 3 * value.length
    if (this.length + most > this.#data.length) this.#widen(most)
    const start = this.length
    this.length = start + 4 + encoder.encodeInto(value, this.#data.subarray(start + 4)).written
    const end = this.length
    this.length = start
    this.word(end - start - 4)
    this.length = end
  }

  /** A whole number from 0 to 2^53, seven bits a byte, the lowest first. */
  varint(value: number): void {
    let rest = value
    while (rest > 127) {
      this.byte((rest % 128) | 128)
      rest = Math.floor(rest / 128)
    }
    this.byte(rest)
  }

  #widen(more: number): void {
    const wide = new Uint8Array(Math.max(this.#data.length * 2, this.length + more))
    wide.set(this.#data.subarray(0, this.length))
    this.#data = wide
  }
}

/** A size that an Arrow file states and its bytes do not bear out: how it goes on after "the file". Never quotes content. */
export class SizeError extends Error {
  override readonly name = 'SizeError'
}

/** Numbers as people read them, since millions are what is usually wrong. */
export const counted = (n: number): string => n.toLocaleString('en-US')

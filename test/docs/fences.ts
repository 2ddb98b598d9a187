import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** A file of the repository. */
export const fromRoot = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url))

export interface Fence {
  readonly language: string
  readonly text: string
}

/** The fenced blocks of a Markdown file, in order. */
export function fencesOf(path: string): Fence[] {
  const text = readFileSync(fromRoot(path), 'utf8')
  return [...text.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(([, language, text]) => ({
    language: language!,
    text: text!,
  }))
}

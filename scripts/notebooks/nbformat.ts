import { readFileSync } from 'node:fs'

/** The parts of nbformat 4.5 (nbformat.readthedocs.io) that our notebooks have. Texts are one string, or lines with their ends. */
export interface Notebook {
  cells: Cell[]
  metadata: Record<string, unknown>
  nbformat: 4
  nbformat_minor: 5
}

export type Cell = MarkdownCell | CodeCell

export interface MarkdownCell {
  cell_type: 'markdown'
  id: string
  metadata: Record<string, unknown>
  source: string | string[]
}

export interface CodeCell {
  cell_type: 'code'
  id: string
  metadata: Record<string, unknown>
  execution_count: number | null
  source: string | string[]
  outputs: Output[]
}

export type Output =
  | { output_type: 'stream'; name: 'stdout' | 'stderr'; text: string | string[] }
  | {
      output_type: 'display_data'
      data: Record<string, string | string[]>
      metadata: Record<string, unknown>
    }

export function readNotebook(file: string): Notebook {
  return JSON.parse(readFileSync(file, 'utf8')) as Notebook
}

/** As Jupyter writes it: one space a level, keys as they are, a line break at the end. */
export function writeNotebookText(notebook: Notebook): string {
  return `${JSON.stringify(notebook, null, 1)}\n`
}

/** Text as one string. */
export function textOf(text: string | string[]): string {
  return typeof text === 'string' ? text : text.join('')
}

/** Text as lines with their ends: what changes in a notebook is then a line of a diff. */
export function linesOf(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? []
}

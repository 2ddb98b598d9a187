import { writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { format } from 'node:util'
import { type CodeCell, linesOf, type Output, readNotebook, textOf, writeNotebookText } from './nbformat.ts'

/** What we use of tslab 1.0.22: its converter (TypeScript with the types of earlier cells) and executor, without its Jupyter side. */
interface Tslab {
  createConverter(): { close(): void }
  createExecutor(
    folder: string,
    converters: { node: unknown; browser: unknown; close(): void },
    console: { log(...values: unknown[]): void; error(...values: unknown[]): void },
  ): { execute(source: string): Promise<boolean>; close(): void }
}

interface Shown {
  data: Record<string, string>
}

/** Runs the code cells of a notebook in order and writes it with what they put out. Ends the process: 1 when a cell failed. */
async function main([file, out]: readonly string[]): Promise<never> {
  const folder = dirname(file!)
  process.chdir(folder)
  const load = createRequire(join(folder, 'package.json'))
  const { createConverter } = load('tslab/dist/converter') as Pick<Tslab, 'createConverter'>
  const { createExecutor } = load('tslab/dist/executor') as Pick<Tslab, 'createExecutor'>
  const jupyter = load('tslab/dist/jupyter') as { lastWriteDisplayData: (shown: Shown) => void }

  let outputs: Output[] = []
  const say = (name: 'stdout' | 'stderr', text: string) => {
    const last = outputs.at(-1)
    if (last?.output_type === 'stream' && last.name === name) last.text = textOf(last.text) + text
    else outputs.push({ output_type: 'stream', name, text })
  }
  const listen = (name: 'stdout' | 'stderr') => {
    process[name].write = ((text: string | Uint8Array) => {
      say(name, typeof text === 'string' ? text : Buffer.from(text).toString())
      return true
    }) as typeof process.stdout.write
  }
  const [toStderr] = [process.stderr.write.bind(process.stderr), listen('stdout'), listen('stderr')]
  jupyter.lastWriteDisplayData = ({ data }) =>
    outputs.push({ output_type: 'display_data', data, metadata: {} })

  const node = createConverter()
  const executor = createExecutor(
    folder,
    { node, browser: node, close() {} },
    {
      log: (...values) => say('stdout', `${format(...values)}\n`),
      error: (...values) => say('stderr', `${format(...values)}\n`),
    },
  )
  const notebook = readNotebook(file!)
  let count = 0
  for (const cell of notebook.cells) {
    if (cell.cell_type !== 'code') continue
    outputs = []
    count++
    if (!(await executor.execute(textOf(cell.source)))) {
      const said = outputs
        .map(output => (output.output_type === 'stream' ? textOf(output.text) : ''))
        .join('')
      toStderr(`${file}: code cell ${count} (${cell.id}) failed:\n${said}\n`)
      process.exit(1)
    }
    finish(cell, count, outputs)
  }
  writeFileSync(out!, writeNotebookText(notebook))
  process.exit(0)
}

function finish(cell: CodeCell, count: number, outputs: readonly Output[]): void {
  cell.execution_count = count
  cell.outputs = outputs.map(output =>
    output.output_type === 'stream'
      ? { ...output, text: linesOf(textOf(output.text)) }
      : {
          ...output,
          data: Object.fromEntries(
            // Base64 is one line; everything else is read by people.
            Object.entries(output.data).map(([type, data]) => [
              type,
              type === 'image/png' ? data : linesOf(textOf(data)),
            ]),
          ),
        },
  )
}

await main(process.argv.slice(2))

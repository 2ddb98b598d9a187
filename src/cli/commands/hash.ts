import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import type { Cli } from '../cli.ts'
import { write } from '../effects.ts'
import { examples } from '../options.ts'

/** Tokens hashed and written at a time. */
const BATCH = 1000

export function defineHash({ program, run }: Cli): void {
  const command = program
    .command('hash')
    .summary("raw tokens on standard input -> this workspace's token ids")
    .description(
      'Reads raw tokens from standard input, one a line, and writes the id under which each appears in this workspace,\n' +
        'in the same order; an empty line stays empty. The tokens themselves are neither printed nor stored. With --json\n' +
        'the ids come as one list.',
    )
    .addHelpText(
      'after',
      examples([
        [
          'Which id has a token that leaked? (a file keeps it out of the shell history)',
          'keyhound hash < leaked.txt',
        ],
        [
          'What did it do?',
          'keyhound query "select time, operation, source_ip from events where token_id = \'$(keyhound hash < leaked.txt)\'"',
        ],
      ]),
    )
  command.action(() =>
    run(command, async shell => {
      const { hashTokens } = await import('../../ingest/identity.ts')
      const workspace = await shell.workspace()
      const hash = (lines: string[]) => {
        const ids = hashTokens(
          workspace,
          lines.filter(line => line !== ''),
        )
        let next = 0
        return lines.map(line => (line === '' ? '' : ids[next++]!))
      }
      const all: string[] = []
      let batch: string[] = []
      const flush = async () => {
        const ids = hash(batch)
        batch = []
        if (shell.json) all.push(...ids)
        else if (ids.length > 0) await write(shell.effects.stdout, `${ids.join('\n')}\n`)
      }
      const lines = createInterface({
        input: Readable.from(shell.effects.stdin),
        crlfDelay: Number.POSITIVE_INFINITY,
      })
      for await (const line of lines) {
        batch.push(line.trim())
        if (batch.length >= BATCH) await flush()
      }
      await flush()
      if (shell.json) await shell.result(all, () => '')
      return undefined
    }),
  )
}

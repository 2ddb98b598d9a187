#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import { processEffects } from './effects.ts'
import { runCli } from './program.ts'

// `keyhound query ... | head` closes the pipe early; that is the reader's right and no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? 0 : 1)
})
// 128 + signal number, as shells expect; leaving through exit() lets scratch folders be removed.
process.once('SIGINT', () => process.exit(130))
process.once('SIGTERM', () => process.exit(143))

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string
}
const exitCode = await runCli(process.argv.slice(2), processEffects(), version)
// Pipes are written asynchronously: leave only when what was written has been taken.
process.stdout.write('', () => process.stderr.write('', () => process.exit(exitCode)))

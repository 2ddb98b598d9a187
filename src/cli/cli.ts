import type { Command } from 'commander'
import type { Shell } from './shell.ts'

/** What a command file gets: where to hang its command, and how its action gets a shell and answers an exit code. */
export interface Cli {
  readonly program: Command
  /** Runs an action with a shell of its own; what it answers, if anything, is the exit code. */
  run(command: Command, action: (shell: Shell) => Promise<number | undefined>): Promise<void>
}

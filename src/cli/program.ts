import { Command, CommanderError } from 'commander'
import { KeyhoundError, messageOf } from '../lib/errors.ts'
import type { Cli } from './cli.ts'
import { defineAlerts } from './commands/alerts.ts'
import { defineAudit } from './commands/audit.ts'
import { defineComplete } from './commands/complete.ts'
import { defineConfig } from './commands/config.ts'
import { defineDemo } from './commands/demo.ts'
import { defineDigest } from './commands/digest.ts'
import { defineDoctor } from './commands/doctor.ts'
import { defineEvaluate } from './commands/evaluate.ts'
import { defineExplain } from './commands/explain.ts'
import { defineHash } from './commands/hash.ts'
import { defineIngest } from './commands/ingest.ts'
import { defineInject } from './commands/inject.ts'
import { defineKeys } from './commands/keys.ts'
import { defineLineage } from './commands/lineage.ts'
import { defineModels } from './commands/models.ts'
import { defineQuery } from './commands/query.ts'
import { defineReplay } from './commands/replay.ts'
import { defineRespond } from './commands/respond.ts'
import { defineRun } from './commands/run.ts'
import { defineRuns } from './commands/runs.ts'
import { defineSchedule } from './commands/schedule.ts'
import { defineScore } from './commands/score.ts'
import { defineServe } from './commands/serve.ts'
import { defineSimulate } from './commands/simulate.ts'
import { defineSinks } from './commands/sinks.ts'
import { defineTables } from './commands/tables.ts'
import { defineTokens } from './commands/tokens.ts'
import { defineTrain } from './commands/train.ts'
import { defineWatch } from './commands/watch.ts'
import { type Effects, write } from './effects.ts'
import { EXIT, exitCodeOf } from './exit-code.ts'
import { examples } from './options.ts'
import { toJson, withShell } from './shell.ts'

/** Parses a command line, runs it, and answers its exit code. Never throws, never ends the process. */
export async function runCli(argv: readonly string[], effects: Effects, version: string): Promise<number> {
  let exitCode: number = EXIT.good
  const program = createProgram(effects, version)
  const cli: Cli = {
    program,
    run: (command, action) =>
      withShell(effects, command, async shell => {
        exitCode = (await action(shell)) ?? EXIT.good
      }),
  }
  for (const define of [
    defineDemo,
    defineSimulate,
    defineInject,
    defineRun,
    defineIngest,
    defineTrain,
    defineScore,
    defineSchedule,
    defineWatch,
    defineRuns,
    defineEvaluate,
    defineDigest,
    defineReplay,
    defineAlerts,
    defineSinks,
    defineRespond,
    defineTokens,
    defineExplain,
    defineLineage,
    defineModels,
    defineQuery,
    defineTables,
    defineHash,
    defineServe,
    defineKeys,
    defineAudit,
    defineConfig,
    defineDoctor,
    defineComplete,
  ]) {
    define(cli)
  }
  try {
    await program.parseAsync(argv, { from: 'user' })
    return exitCode
  } catch (error) {
    return report(error, argv, effects)
  }
}

function createProgram(effects: Effects, version: string): Command {
  return new Command('keyhound')
    .description('Finds stolen and misused API tokens in API access logs.')
    .version(version)
    .option('-w, --workspace <dir>', 'folder that holds data/, models/ and the key', '.')
    .option('--config <file>', 'configuration (JSON); every value has a default')
    .option('--json', 'the result as JSON on standard output, and nothing else there')
    .option('--debug', 'show where an error came from')
    .configureHelp({
      showGlobalOptions: true,
      sortSubcommands: false,
      // Paragraphs are broken for the source; the terminal breaks them anew. Lists are indented and stay.
      commandDescription: command => command.description().replace(/\n(?! )/g, ' '),
    })
    .configureOutput({
      writeOut: text => void effects.stdout.write(text),
      writeErr: text => void effects.stderr.write(text),
      getOutHelpWidth: () => effects.stdout.columns ?? 100,
      getErrHelpWidth: () => effects.stderr.columns ?? 100,
    })
    .showHelpAfterError('(add --help for usage and examples)')
    .exitOverride()
    .addHelpText(
      'after',
      `${examples([
        ['See it work on simulated logs, from nothing to a report', 'keyhound demo'],
        [
          'Your own logs: read them, learn what is usual, score the last week',
          'keyhound run logs/ --until -7d --from -7d',
        ],
        [
          'The same step by step, by dates',
          'keyhound ingest logs/ && keyhound train --until 2026-10-05 && keyhound score --from 2026-10-05',
        ],
        ['The alerts, worst first', 'keyhound alerts list'],
      ])}\nEnvironment: KEYHOUND_STATE_URL=postgres://user:password@host/db keeps verdicts, suppressions, keys and the audit trail there.\nExit codes: 0 good, 1 failed, 2 bad usage or input, 3 alerts at or above --fail-on.\n`,
    )
}

/** Tells what went wrong: one message on stderr, and under --json also as an object on stdout. */
async function report(error: unknown, argv: readonly string[], effects: Effects): Promise<number> {
  const exitCode = exitCodeOf(error)
  // Commander has written its own message already.
  const isParsing = error instanceof CommanderError
  if (!isParsing) {
    effects.stderr.write(`keyhound: ${messageOf(error)}\n`)
    const stack = error instanceof Error ? error.stack : undefined
    if (argv.includes('--debug')) effects.stderr.write(`${stack}\n${causeOf(error)}`)
    else if (!(error instanceof KeyhoundError))
      effects.stderr.write(
        'This is a fault of Keyhound or of its environment; --debug shows where it came from.\n',
      )
  }
  if (argv.includes('--json') && exitCode !== EXIT.good) {
    const code = error instanceof KeyhoundError ? error.code : isParsing ? 'usage' : 'internal'
    const where = error instanceof KeyhoundError ? (error.where ?? null) : null
    const summary = summaryOf(error)
    await write(
      effects.stdout,
      `${toJson({ error: { code, message: messageOf(error), where }, ...(summary === undefined ? {} : { summary }) })}\n`,
    )
  }
  return exitCode
}

/** What a stage did achieve before it gave up: ingest keeps good files and says so on its error. */
function summaryOf(error: unknown): unknown {
  return error instanceof Error && 'summary' in error ? error.summary : undefined
}

function causeOf(error: unknown): string {
  return error instanceof Error && error.cause instanceof Error ? `caused by: ${error.cause.stack}\n` : ''
}

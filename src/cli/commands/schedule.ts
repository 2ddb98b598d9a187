import { spawn } from 'node:child_process'
import { setTimeout } from 'node:timers/promises'
import { InvalidArgumentError } from 'commander'
import { Cron } from 'croner'
import { KeyhoundError, messageOf } from '../../lib/errors.ts'
import type { Cli } from '../cli.ts'
import { EXIT } from '../exit-code.ts'
import { examples, parseCount } from '../options.ts'
import type { GlobalOptions, Shell } from '../shell.ts'

interface Options {
  cron: string
  timezone: string
  ingest?: string[]
  tokens?: string
  deliver?: boolean
  respond?: boolean
  metricsFile?: string
  runs?: number
}

/** `keyhound schedule`: for machines without a scheduler of their own. */
export function defineSchedule({ program, run }: Cli): void {
  const command = program
    .command('schedule')
    .summary('ingest and score by the clock, without a scheduler')
    .description(
      'Runs ingest, score and the delivery of alerts at the times of a cron expression, each as a process of its own, until it is\n' +
        'told to stop (SIGTERM, Ctrl-C): then what runs is finished first. A run that outlasts the next time skips it. Where there is\n' +
        'cron, systemd, Kubernetes or Airflow, let them run "keyhound score" instead: docs/schedule.md has examples.',
    )
    .requiredOption(
      '--cron <expression>',
      'when: minute hour day month weekday, or with seconds before',
      parseCron,
    )
    .option('--timezone <name>', 'of the expression; daylight saving is kept', 'UTC')
    .option('--ingest <path...>', 'read what is new in these files, folders or quoted globs first')
    .option('--tokens <kind>', 'as of ingest: secret or identifier')
    .option('--deliver', 'tell the sinks of the configuration afterwards')
    .option('--respond', 'run the playbooks of the configuration afterwards')
    .option('--metrics-file <file>', 'write figures for the Prometheus textfile collector after each run')
    .option('--runs <n>', 'stop after so many runs', parseCount(1))
    .addHelpText(
      'after',
      examples([
        [
          'Five minutes past every hour',
          'keyhound schedule --cron "5 * * * *" --ingest /var/log/api --deliver',
        ],
        ['Working days at six in Berlin', 'keyhound schedule --cron "0 6 * * 1-5" --timezone Europe/Berlin'],
      ]),
    )
  command.action((options: Options) =>
    run(command, async shell => {
      const globals = command.optsWithGlobals<GlobalOptions>()
      const failures = await keepRunning(shell, options, stepsOf(options, globals))
      return failures === 0 ? EXIT.good : EXIT.failed
    }),
  )
}

function parseCron(text: string): string {
  try {
    new Cron(text, { paused: true }).stop()
    return text
  } catch (error) {
    throw new InvalidArgumentError(`${messageOf(error)}. Write it like "5 * * * *".`)
  }
}

/** The command lines of one run, in order. */
function stepsOf(options: Options, { workspace, config }: GlobalOptions): string[][] {
  const everywhere = ['--workspace', workspace, ...(config === undefined ? [] : ['--config', config])]
  const { ingest, tokens, deliver, respond, metricsFile } = options
  const steps = [
    ...(ingest === undefined
      ? []
      : [['ingest', '--new-only', ...(tokens ? ['--tokens', tokens] : []), ...ingest]]),
    ['score', '--wait', '600', ...(metricsFile === undefined ? [] : ['--metrics-file', metricsFile])],
    ...(deliver ? [['sinks', 'deliver']] : []),
    ...(respond ? [['respond', 'run']] : []),
  ]
  return steps.map(step => [...step, ...everywhere])
}

/** Runs the steps at each time until stopped; answers how many runs failed. */
async function keepRunning(
  shell: Shell,
  { cron, timezone, runs }: Options,
  steps: string[][],
): Promise<number> {
  let failures = 0
  let running: Promise<void> = Promise.resolve()
  const job = new Cron(
    cron,
    { timezone, protect: true, paused: true, ...(runs && { maxRuns: runs }) },
    () => {
      running = runSteps(shell, steps).then(isGood => {
        if (!isGood) failures++
      })
      return running
    },
  )
  const stopped = shell.effects.stopSignal().then(() => shell.note('stopping; what runs is finished first'))
  const next = job.nextRun()
  if (next === null) throw new KeyhoundError('usage', `the expression "${cron}" names no time to come`)
  shell.note(`first run at ${next.toISOString()}`)
  job.resume()
  const abandoned = new AbortController()
  await Promise.race([stopped, allRun(job, abandoned.signal)])
  abandoned.abort()
  job.stop()
  await running
  return failures
}

/** Resolves when the job has no time left to run at, and is at rest. */
async function allRun(job: Cron, signal: AbortSignal): Promise<void> {
  while (!signal.aborted && (job.nextRun() !== null || job.isBusy())) await setTimeout(200)
}

async function runSteps(shell: Shell, steps: readonly string[][]): Promise<boolean> {
  for (const step of steps) {
    const code = await runChild(step, shell)
    // Ingest may have kept most files and refused one: what is there is scored all the same.
    if (code !== EXIT.good && step[0] !== 'ingest') {
      shell.note(`keyhound ${step[0]} ended with code ${code}`)
      return false
    }
    if (code !== EXIT.good)
      shell.note(`keyhound ${step[0]} ended with code ${code}; going on with what there is`)
  }
  return true
}

function runChild(argv: readonly string[], shell: Shell): Promise<number | null> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...process.execArgv, process.argv[1]!, ...argv], {
      cwd: shell.effects.cwd,
      stdio: ['ignore', 'inherit', 'inherit'],
      // A Ctrl-C is for the scheduler, which lets its run end.
      detached: true,
    })
    child.once('error', reject)
    child.once('exit', code => resolve(code))
  })
}

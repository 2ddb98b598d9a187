import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Catalogue } from '../../features/catalogue.ts'
import { KeyhoundError } from '../../lib/errors.ts'
import type { Config } from '../../schema/config.ts'
import type { Check, DoctorReport } from '../../schema/doctor.ts'
import type { Cli } from '../cli.ts'
import { wrap } from '../config-text.ts'
import { EXIT } from '../exit-code.ts'
import { number, printable } from '../format.ts'
import { examples } from '../options.ts'
import type { GlobalOptions, Shell } from '../shell.ts'

/** Where nobody says how wide the terminal is. */
const USUAL_COLUMNS = 100

export function defineDoctor({ program, run }: Cli): void {
  const command = program
    .command('doctor')
    .summary('what is wrong with a workspace, and what to do')
    .description(
      'Looks a workspace over: engine and packages, configuration and secrets, key file, files of killed runs, disk, state\n' +
        'database, leases, rejects, messages given up, suppressions, every table, lag, clocks, models, features and drift. Each\n' +
        'finding says what, where and what to do. Nothing is changed. Code 1 when something fails, else 0.',
    )
    .option('--all', 'also what is in order')
    .addHelpText(
      'after',
      examples([
        ['Is anything wrong?', 'keyhound doctor'],
        ['Everything that was looked at', 'keyhound doctor --all'],
        ['In monitoring', 'keyhound doctor --json | jq \'.checks[] | select(.level != "ok")\''],
      ]),
    )
  command.action((options: { all?: boolean }) =>
    run(command, async shell => {
      const report = await look(shell, command.optsWithGlobals<GlobalOptions>())
      await shell.result(report, () => reportText(report, options.all === true, shell))
      return report.level === 'fail' ? EXIT.failed : EXIT.good
    }),
  )
}

/** By hand rather than by the shell's context, which a configuration that cannot be read would keep from being made. */
async function look(shell: Shell, options: GlobalOptions): Promise<DoctorReport> {
  const { openEngine } = await import('../../sql/duckdb.ts')
  const { openWorkspace } = await import('../../sql/workspace.ts')
  const { examine } = await import('../../pipeline/doctor/doctor.ts')
  const { config, check } = await readConfiguration(shell, options)
  const own = await readFeatures(config)
  const url = shell.effects.env.KEYHOUND_STATE_URL || config.state.url
  const database = url === null ? undefined : { url, schema: config.state.schema }
  const engine = await openEngine({ temporaryFolder: join(shell.scratch(), 'spill') })
  try {
    return await examine(
      {
        engine,
        workspace: openWorkspace(shell.path(options.workspace), database),
        progress: shell.progress,
        now: shell.effects.now(),
        config,
        catalogue: own.catalogue,
        env: shell.effects.env,
        temporaryFolder: tmpdir(),
      },
      [check, ...own.checks],
    )
  } finally {
    engine.close()
  }
}

/** Own features of the configuration. Where they cannot be loaded, the built-in ones stand in, and a finding says so. */
async function readFeatures(config: Config): Promise<{ catalogue: Catalogue; checks: readonly Check[] }> {
  const { loadFeatures } = await import('../../pipeline/own-features.ts')
  const { BUILT_IN } = await import('../../features/catalogue.ts')
  try {
    const catalogue = await loadFeatures(config)
    const what = `${number(catalogue.own.length)} own features can be computed`
    const loaded: Check = { check: 'own-features', level: 'ok', what, where: null, todo: null }
    return { catalogue, checks: config.features.length === 0 ? [] : [loaded] }
  } catch (error) {
    if (!(error instanceof KeyhoundError)) throw error
    const todo = 'mend the file, or take it out of the configuration: docs/own-features.md'
    const { message: what, where = null } = error
    return { catalogue: BUILT_IN, checks: [{ check: 'own-features', level: 'fail', what, where, todo }] }
  }
}

async function readConfiguration(shell: Shell, options: GlobalOptions) {
  const { defaultConfig, loadConfig } = await import('../../schema/config.ts')
  if (options.config === undefined) {
    const check: Check = {
      check: 'config',
      level: 'ok',
      what: 'no file: every setting at its default',
      where: null,
      todo: null,
    }
    return { config: defaultConfig(), check }
  }
  const file = shell.path(options.config)
  const result = loadConfig(file)
  if (result.ok) {
    const check: Check = {
      check: 'config',
      level: 'ok',
      what: 'every setting is valid',
      where: file,
      todo: null,
    }
    return { config: result.config, check }
  }
  const problems = result.problems.map(({ path, problem }) => (path === '' ? problem : `${path}: ${problem}`))
  const check: Check = {
    check: 'config',
    level: 'fail',
    what: problems.join('; '),
    where: file,
    todo: 'mend the file (keyhound config schema says what may stand in it); the other checks take the defaults',
  }
  return { config: defaultConfig(), check }
}

function reportText({ workspace, checks, level }: DoctorReport, all: boolean, shell: Shell): string {
  const { colors, effects } = shell
  const columns = effects.stdout.columns ?? USUAL_COLUMNS
  const paint = { ok: colors.green, warn: colors.yellow, fail: colors.red }
  const shown = checks.filter(check => all || check.level !== 'ok')
  const width = Math.max(0, ...shown.map(({ check }) => check.length))
  const indent = 6 + width + 2
  const lines = shown.flatMap(({ check, level: of, what, where, todo }) => {
    const room = Math.max(30, columns - indent)
    const texts = [
      ...wrap(printable(what), room),
      ...(where === null || what.includes(where) ? [] : wrap(printable(where), room).map(colors.dim)),
      ...(todo === null ? [] : wrap(`-> ${printable(todo)}`, room)),
    ]
    const head = `${paint[of](of.padEnd(4))}  ${check.padEnd(width)}  `
    return texts.map((text, i) => (i === 0 ? head : ' '.repeat(indent)) + text)
  })
  const count = (of: Check['level']) => checks.filter(check => check.level === of).length
  const sum = `${workspace}: ${number(count('ok'))} in order, ${number(count('warn'))} to look at, ${number(count('fail'))} wrong`
  return [...lines, ...(lines.length > 0 ? [''] : []), level === 'ok' ? colors.green(sum) : sum].join('\n')
}

import { readFileSync } from 'node:fs'
import type { Command } from 'commander'
import type { ConfigSetting } from '../../schema/config-explained.ts'
import type { Cli } from '../cli.ts'
import { configText } from '../config-text.ts'
import { examples } from '../options.ts'
import type { GlobalOptions, Shell } from '../shell.ts'

/** `keyhound config`: what can be set, what is set, and why. */
export function defineConfig(cli: Cli): void {
  const config = cli.program
    .command('config')
    .summary('every setting, its value and where it came from')
    .description(
      'Shows the configuration as commands see it: each setting with its value, its default and why that is the default, and\n' +
        'whether the value is the default, or came from the file of --config or from the environment. docs/configuration.md has\n' +
        'the same as a page.',
    )
  defineShow(cli, config)
  defineSchema(cli, config)
}

function defineShow({ run }: Cli, config: Command): void {
  const command = config
    .command('show', { isDefault: true })
    .summary('the settings, as a table')
    .argument('[setting]', 'only this one, or this group: alerts, alerts.budgetPerDay')
    .option('--changed', 'only those that differ from their default')
    .addHelpText(
      'after',
      examples([
        ['What can be set, and why it is as it is', 'keyhound config'],
        ['What this file changes', 'keyhound config --changed --config keyhound.json'],
        ['One group', 'keyhound config show filter'],
        [
          'For a script',
          'keyhound config --json | jq \'.[] | select(.path == "alerts.budgetPerDay").value\'',
        ],
      ]),
    )
  command.action((setting: string | undefined, options: { changed?: boolean }) =>
    run(command, async shell => {
      const { KeyhoundError } = await import('../../lib/errors.ts')
      const all = await explain(shell, command)
      const isOf = ({ path }: ConfigSetting) =>
        setting === undefined || path === setting || path.startsWith(`${setting}.`)
      if (!all.some(isOf)) {
        const groups = [...new Set(all.map(({ path }) => path.split('.')[0]))].join(', ')
        throw new KeyhoundError('usage', `there is no setting ${setting}; there are: ${groups}`)
      }
      const found = all.filter(one => isOf(one) && (one.isChanged || !options.changed))
      await shell.result(found, () =>
        found.length === 0
          ? 'every setting stands at its default'
          : configText(found, shell.effects.stdout.columns, shell.colors),
      )
      return undefined
    }),
  )
}

function defineSchema({ run }: Cli, config: Command): void {
  const command = config
    .command('schema')
    .summary('JSON Schema of the configuration file, for editors')
    .description(
      'Prints the JSON Schema of the configuration file. Editors that are told of it complete names, explain them and mark mistakes:\n' +
        'save it beside the file and begin the file with "$schema": "./keyhound.schema.json".',
    )
    .addHelpText(
      'after',
      examples([['Beside the configuration', 'keyhound config schema > keyhound.schema.json']]),
    )
  command.action(() =>
    run(command, async shell => {
      const { configJsonSchema } = await import('../../schema/config-explained.ts')
      const schema = configJsonSchema()
      await shell.result(schema, () => JSON.stringify(schema, null, 2))
      return undefined
    }),
  )
}

async function explain(shell: Shell, command: Command): Promise<ConfigSetting[]> {
  const { explainConfig } = await import('../../schema/config-explained.ts')
  // Read before it is read again: what is wrong with the file is said by that.
  const config = await shell.config()
  const { config: given } = command.optsWithGlobals<GlobalOptions>()
  const path = given === undefined ? undefined : shell.path(given)
  return explainConfig(config, {
    env: shell.effects.env,
    ...(path !== undefined && { file: { path, raw: JSON.parse(readFileSync(path, 'utf8')) } }),
  })
}

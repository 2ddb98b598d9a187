import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type ConfigValue, describeConfig } from '../src/schema/config.ts'
import { CONFIG_VARIABLES, configBounds } from '../src/schema/config-explained.ts'

/** Writes docs/configuration.md from the schema, which is the only place where settings are described. */
const TARGET = new URL('../docs/configuration.md', import.meta.url)

const EXAMPLE = {
  $schema: './keyhound.schema.json',
  alerts: { budgetPerDay: 5 },
  scoring: { latenessMinutes: 30 },
}

const TITLES: Readonly<Record<string, string>> = {
  alerts: 'Alerts',
  scoring: 'Scoring',
  filter: 'Filter for false alarms',
  forest: 'Isolation forest',
  drift: 'Drift',
  promotion: 'Promotion of models',
  state: 'State database',
  delivery: 'Delivery to sinks',
  server: 'HTTP server',
}

export function configDocument(): string {
  const values = describeConfig()
  const single = values.filter(({ path }) => !path.includes('.'))
  const groups = [
    ...new Set(values.filter(one => !single.includes(one)).map(({ path }) => path.split('.')[0]!)),
  ]
  return `${[
    '# Configuration',
    '<!-- Written by `npm run docs:config` from src/schema/config.ts: do not edit. -->',
    'Everything has a default. What you set otherwise stands in a JSON file, named by `--config keyhound.json`; names that do not exist are refused, all at once. The resolved configuration is saved in every model and report.',
    fence('json', JSON.stringify(EXAMPLE, null, 2)),
    '`keyhound config` shows each setting with its value and where it came from, `keyhound config --changed` only those that differ. `keyhound config schema > keyhound.schema.json` makes the schema that the first line names: editors then complete names, explain them and mark mistakes.',
    'Secrets never stand in the file: it names the environment variable that holds them (`secretEnv`, `urlEnv`).',
    '## Environment',
    table(
      ['variable', 'in place of', ''],
      Object.entries(CONFIG_VARIABLES).map(([path, name]) => [
        code(name),
        code(path),
        'may hold a password, which the file may not',
      ]),
    ),
    '## Single settings',
    settingTable(single),
    ...groups.flatMap(group => [
      `## ${TITLES[group] ?? group}`,
      settingTable(values.filter(({ path }) => path.startsWith(`${group}.`))),
    ]),
  ]
    .join('\n\n')
    .trimEnd()}\n`
}

function settingTable(values: readonly ConfigValue[]): string {
  const bounds = configBounds()
  return table(
    ['setting', 'default', 'from, to', 'unit', 'why this default'],
    values.map(({ path, default: standard, unit, why }) => {
      const of = bounds.get(path)
      return [
        code(path),
        code(JSON.stringify(standard)),
        of === undefined ? '' : `${of.low}, ${of.high}`,
        unit,
        why,
      ]
    }),
  )
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map(cell => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

function code(text: string): string {
  return `\`${text}\``
}

function fence(language: string, text: string): string {
  return `\`\`\`${language}\n${text}\n\`\`\``
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(TARGET, configDocument())
  console.log(`wrote ${fileURLToPath(TARGET)}`)
}

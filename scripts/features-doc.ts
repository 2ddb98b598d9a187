import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { EVIDENCE, FEATURES } from '../src/features/catalogue.ts'
import { METRICS } from '../src/features/metrics.ts'
import { FEATURE_PARAMETERS } from '../src/features/parameters.ts'
import { FEATURE_GROUPS, type FeatureGroup } from '../src/schema/features.ts'

// Writes src/features/FEATURES.md from the catalogue: npm run docs:features

const SOURCE = new URL('../src/features/', import.meta.url)
const TARGET = new URL('FEATURES.md', SOURCE)

const INTRODUCTION = `# Features

Written by \`npm run docs:features\` from the catalogue; edit that, not this file.

One row a token-hour with traffic, columns \`tenant_id, principal_id, token_id, window_start, role\`, then the features and the
evidence below, in \`data/features/date=YYYY-MM-DD/features.parquet\`. Every feature has a unit and a direction; null means
unknown (the log does not say, or there is no history to say it with), and detectors take it as missing, never as zero.

## Point in time

An hour's features use what was known when its day began (UTC), the hours of that day before it, and the hour itself; of other
tokens likewise. Nothing later changes them: \`test/features/point-in-time.test.ts\` appends the future, to the same day and
after it, and compares every bit. The past is kept in append-only logs of one row a day (\`history.ts\`); the window of memory
slides by itself. A late event makes its day and the days after it again, and no other.

A baseline is drawn from the token to its peers (same tenant and role) to everyone by pseudo-counts, so that a token is judged
from its first event on; \`maturity\` says how far its own past stands behind that.

## What the baselines leave out

- **Token-days under open alerts** (\`held.ts\`): an alert at or above the line keeps its token-day out of the history of later days
  until a false_positive or benign_trigger verdict clears it, from the day after that on. On two simulated worlds (400 tokens, 200,000
  events, seed 9001) token-day AP went from 0.87 to 0.91 (mixed) and stayed at 0.87 (hard).
- **Gaps in logging** (\`relations/gaps.ts\`): a run of hours without any event of a tenant, or of the whole log, is a gap when its
  hours always had events before and that would be so by chance once in a thousand runs at most. Dormancy counts observed hours, days
  with a gap leave the daily baselines. A holiday of a whole tenant looks the same and is treated the same.
- **Changes of the clock** (\`clocks.ts\`): past hours are read on today's clock of the token's country; abroad, in a country used on an
  earlier day, the local hour counts. Without a country both the changed and the unchanged clock may excuse.
- **Growth of the whole tenant**: daily totals and first uses count as drift only beyond what half of the tenant's tokens (at least
  five) show. A novelty budget fades when a campaign fills most of the memory; the hold above does not.

## Boundaries of hours and days

Windows are UTC hours and the running totals begin at midnight UTC; neither can be configured. Measured by \`npm run bench:boundaries\`
(150 tokens, 80,000 events, seed 9001), all events 15, 30 and 45 minutes later, trained and scored anew: rank correlation of token-day
scores 0.97, 0.96, 0.96; of 80 token-days of misuse alerted 79, the same ones each time; of all alerts 0.88, 0.86, 0.87 in common
(Jaccard), which differ near the line.

A *surprise* is \`-ln p\` in nats: 0 is what always happens, 3 is one in twenty, 7 one in a thousand.
`

const GROUP_TITLES: Record<FeatureGroup, string> = {
  volume: 'Volume and bursts',
  time: 'Time of use',
  network: 'Network and place',
  client: 'Client',
  operations: 'Operations',
  permissions: 'Permissions and scopes',
  objects: 'Objects',
  responses: 'Responses',
  data: 'Data volume',
  destructive: 'Deletes and writes',
  dormancy: 'Dormancy',
  sharing: 'Addresses shared between tokens',
  drift: 'Slow change over days',
  context: 'What the tenant does at the same time',
  maturity: 'Maturity',
}

/** What the SQL below reads, and the file that makes it. */
const RELATIONS: readonly (readonly [string, string, string])[] = [
  [
    'w',
    'windows.ts',
    'counts of the token-hour, running totals since midnight, and what was known of the token',
  ],
  [
    'tokens',
    'windows.ts',
    'every token with history or traffic today: age, active days, peer group, principal',
  ],
  [
    'missing',
    'gaps.ts',
    'hours of gaps in logging: silences of a tenant or the whole log where it always has events',
  ],
  ['today', 'windows.ts', 'facet values of the day: token, hour, facet, value, number of events'],
  ['judged', 'values.ts', 'each facet value of each token-hour with its surprise and what explains it'],
  [
    'fx',
    'values.ts',
    'per token-hour and facet: distinct values, largest, summed and mean surprise, first uses',
  ],
  ['en', 'values.ts', 'entropies of operations and objects (`entropies`)'],
  ['sh', 'values.ts', 'tokens and tenants on the same address in the same hour (`sharing`)'],
  ['dx', 'tails.ts', 'running totals since midnight of first uses and objects'],
  [
    'tl',
    'tails.ts',
    'metrics against histograms of the past: surprise, excess over the 95th percentile, typical value',
  ],
  [
    'hx',
    'hours.ts',
    "the hour against the token's own days and those of its peers, on today's clock of its country",
  ],
  ['cx', 'context.ts', "what the tenant's other tokens do in the same hour"],
  ['dr', 'drift.ts', 'CUSUM and shift of daily totals up to yesterday'],
  ['nb', 'novelty-budget.ts', 'first uses of the last seven days against the rate before'],
]

/** FEATURES.md as text. */
export function featuresDocument(): string {
  const groups = FEATURE_GROUPS.filter(group => FEATURES.some(feature => feature.group === group))
  return `${[
    INTRODUCTION,
    `## The ${FEATURES.length} features\n`,
    ...groups.map(featureSection),
    '## Metrics\n',
    'Numbers judged against histograms of the past. `<metric>_tail` and `<metric>_excess` above come from these; hours are compared with hours, running totals since midnight with whole days.\n',
    table(
      ['name', 'compared with', 'unit', 'SQL'],
      METRICS.map(({ name, level, unit, sql }) => [code(name), `${level}s`, unit, code(sql)]),
    ),
    '## Evidence\n',
    'Columns beside the features that let a reason say what was seen and what is usual.\n',
    table(
      ['name', 'type', 'SQL'],
      EVIDENCE.map(({ name, type, sql }) => [code(name), type, code(sql)]),
    ),
    '## Parameters\n',
    'Part of the feature fingerprint: a model trained with others is refused.\n',
    table(['name', 'value', 'meaning'], parameterRows()),
    '## Relations\n',
    'Made anew for each day by `src/features/relations/`, in this order.\n',
    table(
      ['name', 'made in', 'holds'],
      RELATIONS.map(([name, file, holds]) => [code(name), code(file), holds]),
    ),
  ]
    .join('\n')
    .trimEnd()}\n`
}

function featureSection(group: FeatureGroup): string {
  const rows = FEATURES.filter(feature => feature.group === group).map(
    ({ name, unit, higherIs, doc, sql }) => [code(name), unit, higherIs, doc, code(sql)],
  )
  return `### ${GROUP_TITLES[group]}\n\n${table(['name', 'unit', 'higher is', 'meaning', 'SQL'], rows)}`
}

/** Name, value and docstring of each parameter; the docstring is read from the source, which is its only place. */
function parameterRows(): string[][] {
  const source = readFileSync(new URL('parameters.ts', SOURCE), 'utf8')
  return Object.entries(FEATURE_PARAMETERS).map(([name, value]) => {
    const doc = new RegExp(`/\\*\\* ([^\\n]*?) \\*/\\s*${name}:`).exec(source)?.[1]
    if (doc === undefined) throw new Error(`parameters.ts has no one-line docstring before ${name}`)
    return [code(name), String(value), doc]
  })
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map(cell => cell.replace(/\s+/g, ' ').replaceAll('|', '\\|')).join(' | ')} |`
  return `${[line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')}\n`
}

function code(text: string): string {
  return `\`${text.trim()}\``
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(TARGET, featuresDocument())
  console.log(`wrote ${fileURLToPath(TARGET)}: ${FEATURES.length} features`)
}

/**
 * Makes the goldens of test/golden/features from worlds that hold everything hard, or those of the worlds named, and prints how much all
 * goldens say about each feature. Fails where one takes fewer than two values.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openEngine } from '../../src/sql/duckdb.ts'
import { coverageOf } from './coverage.ts'
import { freeze } from './freeze.ts'
import { WORLDS } from './worlds.ts'

const FOLDER = fileURLToPath(new URL('../../test/golden/features/', import.meta.url))

const names = process.argv.slice(2)
const unknown = names.filter(name => !WORLDS.some(world => world.name === name))
if (unknown.length > 0)
  throw new Error(
    `no world is named ${unknown.join(', ')}: choose among ${WORLDS.map(({ name }) => name).join(', ')}`,
  )

for (const world of WORLDS.filter(({ name }) => names.length === 0 || names.includes(name))) {
  const { events, days, tokens, rows } = await freeze(world, join(FOLDER, world.name))
  console.log(`${world.name}: ${events} events, ${days} days, ${tokens} tokens, ${rows} token-hours`)
}

const made = WORLDS.map(({ name }) => [name, join(FOLDER, name, 'features.parquet')] as const)
const engine = await openEngine({ threads: 1 })
const coverage = await coverageOf(engine, new Map(made.filter(([, file]) => existsSync(file))))
engine.close()
console.log('\nfeature | rows not null | distinct values | worlds with at least two\n--- | --- | --- | ---')
for (const { name, known, values, worlds } of coverage)
  console.log(`${name} | ${known} | ${values} | ${worlds}`)

const poor = coverage.filter(({ values }) => values < 2)
if (poor.length > 0) {
  console.error(
    `\nfewer than two values: ${poor.map(({ name }) => name).join(', ')}. Extend a world until they have.`,
  )
  process.exitCode = 1
}

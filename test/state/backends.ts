import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import { describe } from 'vitest'
import type { StatePlace } from '../../src/state/state.ts'
import { leftOut, readServices } from '../services.ts'

/** A fresh place for the state, gone after `clean`. */
export interface TestPlace extends StatePlace {
  readonly folder: string
  clean(): Promise<void>
}

export interface Backend {
  readonly name: 'libsql' | 'postgres'
  makePlace(): TestPlace
}

/** A state file in a folder of its own, whose name has what file addresses must escape. */
export function makeFile(): TestPlace {
  const folder = mkdtempSync(join(tmpdir(), 'keyhound state #1 '))
  return {
    folder,
    stateFile: join(folder, 'state.db'),
    clean: async () => rmSync(folder, { recursive: true, force: true }),
  }
}

function makeSchema(url: string): TestPlace {
  const schema = `test_${randomBytes(6).toString('hex')}`
  const file = makeFile()
  return {
    ...file,
    stateDatabase: { url, schema },
    async clean() {
      await file.clean()
      await queryPostgres(url, `DROP SCHEMA IF EXISTS ${schema} CASCADE`)
    },
  }
}

/** Runs one statement on a connection of its own. */
export async function queryPostgres(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query(sql)).rows as Record<string, unknown>[]
  } finally {
    await client.end()
  }
}

/** The same tests over the file and over PostgreSQL; where no server is up, the second is left out and its title says so. */
export function describeBackends(what: string, define: (backend: Backend) => void): void {
  describe(`${what} (libsql)`, () => define({ name: 'libsql', makePlace: makeFile }))
  const { postgres } = readServices()
  if (postgres === null)
    describe.skip(leftOut('postgres', what), () => define({ name: 'postgres', makePlace: makeFile }))
  else
    describe(`${what} (postgres)`, () => define({ name: 'postgres', makePlace: () => makeSchema(postgres) }))
}

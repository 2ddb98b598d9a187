import { existsSync, readFileSync } from 'node:fs'

/** Servers that tests may talk to: their address, or null where none is up. */
export interface Services {
  /** `postgres://user@host:port/database` in which tests may make and drop schemas. */
  readonly postgres: string | null
  /** `nats://host:port`, with JetStream. */
  readonly nats: string | null
  /** `host:port` of a broker. */
  readonly kafka: string | null
}

const FILE = new URL('./.services.json', import.meta.url)

/** What KEYHOUND_TEST_POSTGRES, KEYHOUND_TEST_NATS and KEYHOUND_TEST_KAFKA name, else what scripts/setup-services brought up. */
export function readServices(): Services {
  const started = existsSync(FILE) ? (JSON.parse(readFileSync(FILE, 'utf8')) as Partial<Services>) : {}
  const of = (name: keyof Services) =>
    process.env[`KEYHOUND_TEST_${name.toUpperCase()}`] || started[name] || null
  return { postgres: of('postgres'), nats: of('nats'), kafka: of('kafka') }
}

/** Title of a test that was left out for want of a server: what is not tested, and how to have it tested. */
export function leftOut(name: keyof Services, what: string): string {
  return `${what}: left out, no ${name}; run scripts/setup-services first or set KEYHOUND_TEST_${name.toUpperCase()}`
}

import type { Random } from '../lib/random.ts'
import type { Client } from './clients.ts'
import type { AddressBook, Country, Network } from './networks.ts'
import type { Flow, Role } from './roles.ts'

export const HOUR = 3_600_000
export const DAY = 24 * HOUR

/** A building with its own line: colleagues share its few addresses. */
export interface Office {
  readonly country: Country
  readonly network: Network
  /** Number of the /24. */
  readonly block: number
  /** Addresses in use there. */
  readonly addresses: number
}

/** A customer of the product. */
export interface Tenant {
  readonly index: number
  readonly id: string
  readonly seed: number
  /** Share of all objects and people, 0-1. */
  readonly share: number
  readonly offices: readonly Office[]
  readonly cloud: Network
  /** All traffic of its people leaves through one web proxy, wherever they sit. */
  readonly proxied: boolean
}

/** A token: what the log shows of an actor for a while. */
export interface Token {
  readonly index: number
  readonly id: string
  /** UTC milliseconds, from inclusive, until exclusive. */
  readonly from: number
  readonly until: number
}

/** One client of one user: the unit that has habits. Its tokens follow each other by rotation. */
export interface Actor {
  readonly index: number
  readonly seed: number
  readonly userId: string
  readonly tenant: Tenant
  readonly role: Role
  readonly tokens: readonly Token[]
  /** Sorted. The grant of the inventory, taken at the end of the run: a change of role only adds to it. */
  scopes: readonly string[]
  /** By operation: 1 where the grant covers it. */
  readonly allowed: Uint8Array
  readonly flows: readonly Flow[]
  readonly clients: readonly Client[]
  readonly office: Office
  readonly home: Country
  readonly homeNetwork: Network
  readonly mobileNetwork: Network
  /** Local time minus UTC, in hours. */
  readonly offset: number
  /** Local hours. */
  readonly workStart: number
  readonly workEnd: number
  /** Share of a weekday's activity on a weekend day. */
  readonly weekend: number
  /** Share of working days in the office. */
  readonly inOffice: number
  /** Home line with IPv6. */
  readonly ipv6: boolean
  /** Days until the home line gets another address. */
  readonly leaseDays: number
  /** Calls that fail on their own, share. */
  readonly errorRate: number
  /** Relative events on a full day. */
  readonly weight: number
  /** Standard deviation of the log of day-to-day volume. */
  readonly dayToDay: number
  /** First and last day with traffic (0-based, last exclusive), and days without any in between. */
  readonly firstDay: number
  readonly lastDay: number
  readonly silent: readonly { from: number; until: number }[]
}

/** The population and the frame it lives in. */
export interface World {
  readonly seed: number
  readonly random: Random
  readonly days: number
  /** UTC milliseconds of day 0. */
  readonly start: number
  readonly tenants: readonly Tenant[]
  readonly actors: readonly Actor[]
  readonly tokens: Token[]
  /** Owners of tokens that a thief had made out in somebody's name, by token index. */
  readonly minted: Map<number, Actor>
  readonly addresses: AddressBook
  readonly agents: TextBook
}

/** Texts of the run, each once. */
export interface TextBook {
  readonly texts: string[]
  code(text: string): number
}

export function createTextBook(): TextBook {
  const codes = new Map<string, number>()
  const texts: string[] = []
  return {
    texts,
    code(text) {
      let found = codes.get(text)
      if (found === undefined) {
        found = texts.length
        codes.set(text, found)
        texts.push(text)
      }
      return found
    },
  }
}

/** Chooses the address (code in the address book) of one call. */
export type Locate = (time: number, random: Random) => number

/** A lasting change of an actor's ways: what most benign surprises are. Times are UTC milliseconds, end exclusive. */
export interface Overlay {
  readonly start: number
  readonly end: number
  /** Factor on the day's volume. */
  readonly volume?: (day: number) => number
  readonly locate?: Locate
  /** Share of sessions that `locate` takes. @default 1 */
  readonly locateShare?: number
  /** The building it works in from now on. */
  readonly office?: Office
  /** Used instead of the actor's own clients. */
  readonly client?: Client
  /** Added to the local time. */
  readonly shiftHours?: number
  readonly absent?: boolean
  /** Workflows joined to the actor's own. */
  readonly flows?: readonly Flow[]
  /** The added workflows push out the own ones. */
  readonly replaceFlows?: boolean
  /** Another order of the same work: number of the client's new habit, above 0. */
  readonly habit?: number
  /** Share of calls that fail with a 5xx and are retried. */
  readonly failing?: number
}

/** One call to make. */
export interface Step {
  operation: number
  /** Object number as in the path; NaN where the path has none. */
  object: number
  /** Forced status; 0: as it comes. */
  status: number
  /** Factor on the response size. */
  heavy: number
}

/** Calls in a row by one actor's token that are not its everyday sessions: jobs, surprises, and what thieves do. */
export interface Run {
  readonly actor: Actor
  /** UTC milliseconds. */
  readonly start: number
  readonly count: number
  /** Median pause and its log-normal spread. */
  readonly gapMs: number
  readonly gapSpread: number
  /** Name of its random stream: unique in the world. */
  readonly stream: string
  /** Fills `step` with call number i. */
  next(step: Step, i: number, random: Random): void
  locate(i: number, time: number, random: Random): number
  /** Code of the user agent in `world.agents`. */
  readonly agent: number
  /** Number of the incident this belongs to, from 1; 0: benign. */
  readonly incident: number
  /** Called with this token instead of the one that the actor uses just then. */
  readonly token?: Token
}

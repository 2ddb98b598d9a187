import type { TinyEvent } from '../engine/tiny-world.ts'
import { type ByIntensity, TODAY } from './cast.ts'
import type { Scenario } from './scenario.ts'

const everyThirdDay = [2, 5, 8, 11, 14]
const everyDay = [...Array(TODAY).keys()]

/** Calls beside the usual six to ten of the hour. */
const spike: ByIntensity = { loud: 300, plain: 80, faint: 20 }
/** Hours of the night, each at the pace of the day; the faintest is a lone call. */
const atNight: ByIntensity<{ hours: readonly number[]; calls: number }> = {
  loud: { hours: [1, 2, 3], calls: 8 },
  plain: { hours: [3], calls: 8 },
  faint: { hours: [3], calls: 1 },
}
const roaming: ByIntensity = { loud: 25, plain: 10, faint: 3 }
/** Tokens tried from one address, of the five. */
const stuffed: ByIntensity = { loud: 5, plain: 4, faint: 2 }

const clientCalls: ByIntensity<{ calls: number; columns: (i: number) => Partial<TinyEvent> }> = {
  loud: { calls: 10, columns: i => (i % 2 === 0 ? curl : { client: 'python', user_agent: 'python/3' }) },
  plain: { calls: 3, columns: () => curl },
  // The same library, built for another system.
  faint: { calls: 3, columns: () => ({ user_agent: 'sdk/1 (musl)' }) },
}
const curl = { client: 'curl', user_agent: 'curl/8' }

export const PACE_AND_PLACE: readonly Scenario[] = [
  {
    misuse: 'rate spike',
    benign: 'a batch that runs every third day',
    detector: 'rate',
    attack: ({ add }, intensity) => add(0, TODAY, 11, spike[intensity], () => ({})),
    twin({ add }) {
      for (const day of [...everyThirdDay, TODAY]) add(0, day, 11, 300, () => ({}))
    },
  },
  {
    misuse: 'off-hours use',
    benign: 'a night shift now and then',
    detector: 'off_hours',
    hour: 3,
    attack({ add }, intensity) {
      const { hours, calls } = atNight[intensity]
      for (const hour of hours) add(0, TODAY, hour, calls, () => ({}))
    },
    twin({ add }) {
      for (const day of [1, 3, 7, 9, 13, 15, TODAY]) add(0, day, 3, 8, () => ({}))
    },
  },
  {
    misuse: 'new network and place',
    benign: 'the whole office moving',
    detector: 'new_place',
    // New York within minutes of Amsterdam.
    named: ['new_place', 'two_places'],
    attack({ add, foreign, elsewhere }, intensity) {
      const abroad = { ...foreign, network_type: 'business' }
      const place = { loud: foreign, plain: abroad, faint: elsewhere(0) }
      add(0, TODAY, 11, 8, () => place[intensity])
    },
    twin({ fromDay, everyone, foreign }) {
      for (const token of everyone) fromDay(TODAY, token, { ...foreign, network_type: 'business' })
    },
  },
  {
    misuse: 'two places at once',
    benign: 'a split-tunnel VPN that does so every day',
    detector: 'two_places',
    // Next door and back once is no more than a second network.
    named: ['two_places', 'new_place'],
    attack({ add, foreign, elsewhere }, intensity) {
      const visits = {
        loud: () => add(0, TODAY, 11, 40, i => (i % 2 === 0 ? {} : foreign)),
        plain: () => add(0, TODAY, 11, 12, i => (i % 2 === 0 ? {} : foreign)),
        // Once over and back, to a provider of the same city.
        faint: () => add(0, TODAY, 11, 9, i => (i < 3 || i > 5 ? {} : elsewhere(0))),
      }
      visits[intensity]()
    },
    twin({ add, foreign }) {
      for (const day of [...everyDay, TODAY]) add(0, day, 11, 20, i => (i % 2 === 0 ? {} : foreign))
    },
  },
  {
    misuse: 'new client',
    benign: 'another SDK that everyone gets',
    detector: 'new_client',
    attack({ add }, intensity) {
      const { calls, columns } = clientCalls[intensity]
      add(0, TODAY, 11, calls, columns)
    },
    twin({ fromDay, everyone }) {
      for (const token of everyone) fromDay(TODAY, token, { client: 'kit', user_agent: 'kit/2' })
    },
  },
  {
    misuse: 'many tokens tried from one address',
    benign: 'an office behind one address',
    detector: 'shared_address',
    // The owner is at work meanwhile.
    named: ['shared_address', 'two_places'],
    attack({ add, everyone, foreign }, intensity) {
      for (const token of everyone.slice(0, stuffed[intensity])) add(token, TODAY, 11, 4, () => foreign)
    },
    twin({ fromDay, everyone, elsewhere }) {
      for (const token of everyone) fromDay(0, token, elsewhere(0))
    },
  },
  {
    misuse: 'one token from many networks',
    benign: 'a phone that roams every day',
    detector: 'many_networks',
    // A faint one is told as a new place, with the networks of the hour beside it.
    named: ['many_networks', 'new_place'],
    attack: ({ add, elsewhere }, intensity) => add(0, TODAY, 11, roaming[intensity], elsewhere),
    twin({ add, elsewhere }) {
      for (const day of [...everyDay, TODAY]) add(0, day, 11, 25, elsewhere)
    },
  },
]

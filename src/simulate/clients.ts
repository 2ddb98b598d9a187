import { hash, hashText } from './hash.ts'

/** A client program: how it calls itself as its versions go by. */
export interface ClientFamily {
  readonly name: string
  /** Days between releases. */
  readonly cadence: number
  /** The text of its n-th release on the platform chosen by `seed` (uint32). */
  userAgent(release: number, seed: number): string
}

const pick = <T>(items: readonly T[], seed: number): T => items[seed % items.length]!
const DESKTOP = [
  'Windows NT 10.0; Win64; x64',
  'Macintosh; Intel Mac OS X 10_15_7',
  'X11; Linux x86_64',
] as const

/** A library: name, first version, part that releases count up. */
function library(
  name: string,
  cadence: number,
  version: (release: number) => string,
  tail = '',
): ClientFamily {
  return { name, cadence, userAgent: release => `${version(release)}${tail}` }
}

const FAMILIES: readonly ClientFamily[] = [
  {
    name: 'chrome',
    cadence: 28,
    userAgent: (r, s) =>
      `Mozilla/5.0 (${pick(DESKTOP, s)}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${138 + r}.0.0.0 Safari/537.36`,
  },
  {
    name: 'edge',
    cadence: 28,
    userAgent: r =>
      `Mozilla/5.0 (${DESKTOP[0]}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${138 + r}.0.0.0 Safari/537.36 Edg/${138 + r}.0.0.0`,
  },
  {
    name: 'firefox',
    cadence: 28,
    userAgent: (r, s) =>
      `Mozilla/5.0 (${pick(DESKTOP, s)}; rv:${140 + r}.0) Gecko/20100101 Firefox/${140 + r}.0`,
  },
  {
    name: 'safari',
    cadence: 50,
    userAgent: r =>
      `Mozilla/5.0 (${DESKTOP[1]}) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.${r % 7} Safari/605.1.15`,
  },
  {
    name: 'acme-cli',
    cadence: 17,
    userAgent: (r, s) =>
      `acme-cli/2.${14 + r}.${s % 2} (${pick(['darwin; arm64', 'linux; x86_64', 'windows; x86_64'], s)})`,
  },
  { name: 'acme-action', cadence: 40, userAgent: r => `acme-action/v4.${r} (github-actions; linux; x64)` },
  {
    name: 'acme-ios',
    cadence: 14,
    userAgent: (r, s) =>
      `AcmeMobile/5.${10 + r}.0 (iOS ${17 + (s % 3)}.${s % 5}; iPhone${14 + (s % 4)},${1 + (s % 4)})`,
  },
  {
    name: 'acme-android',
    cadence: 14,
    userAgent: (r, s) =>
      `AcmeMobile/5.${10 + r}.0 (Android ${13 + (s % 3)}; ${pick(['Pixel 8', 'SM-S921B', 'Redmi Note 13', 'SM-A546B', 'OnePlus 12'], s)})`,
  },
  library('python-requests', 75, r => `python-requests/2.${31 + r}.0`),
  library('acme-sdk-python', 24, r => `acme-sdk-python/3.${6 + r}.0`, ' Python/3.12'),
  library('acme-sdk-node', 24, r => `acme-sdk-node/4.${2 + r}.1`, ' node/20'),
  library('go-http', 400, r => `Go-http-client/${r % 2 === 0 ? '2.0' : '1.1'}`),
  library('java-http', 90, r => `Java-http-client/${17 + (r % 5)}.0.${r}`),
  library('axios', 45, r => `axios/1.${7 + r}.2`),
  library('curl', 90, r => `curl/8.${5 + r}.0`),
  library('postman', 30, r => `PostmanRuntime/7.${36 + r}.0`),
  library('terraform', 35, r => `HashiCorp Terraform/1.${8 + r}.0`, ' (+https://www.terraform.io)'),
  library('jupyter', 75, r => `python-requests/2.${31 + r}.0`, ' jupyter/7'),
  library('aiohttp', 80, r => `Python/3.11 aiohttp/3.${9 + r}.1`),
  library('httpie', 120, r => `HTTPie/3.2.${2 + r}`),
  library('okhttp', 100, r => `okhttp/4.${11 + r}.0`),
  library(
    'headless-chrome',
    28,
    r =>
      `Mozilla/5.0 (${DESKTOP[2]}) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/${138 + r}.0.0.0 Safari/537.36`,
  ),
]

const BY_NAME = new Map(FAMILIES.map(family => [family.name, family]))

export function clientNamed(name: string): ClientFamily {
  const found = BY_NAME.get(name)
  if (!found) throw new RangeError(`no client is called "${name}"`)
  return found
}

/** What thieves replay tokens with. */
export const ATTACK_CLIENTS = [
  'python-requests',
  'aiohttp',
  'curl',
  'go-http',
  'httpie',
  'okhttp',
  'headless-chrome',
] as const

/** An installed client: a family on one machine that takes up releases with its own delay. */
export interface Client {
  readonly family: ClientFamily
  readonly seed: number
  /** Pinned clients never upgrade on their own. */
  readonly pinned: boolean
}

/** The text that this client sends on a day (0-based). A machine takes up a release 0 to 20 days after it is out. */
export function userAgentOf(client: Client, day: number): string {
  const phase = hashText(client.family.name) % client.family.cadence
  const lag = hash(client.seed, 12) % 20
  const release = client.pinned
    ? 0
    : Math.max(0, Math.floor((day + phase + 20 - lag) / client.family.cadence))
  return client.family.userAgent(release, client.seed)
}

import Bowser from 'bowser'

export interface Client {
  /** Family without version: Chrome, python-requests, aws-cli, Terraform. */
  readonly client: string | null
  readonly version: string | null
  readonly device: 'desktop' | 'mobile' | 'tablet' | 'bot' | 'server' | 'unknown'
}

/** Crawlers and scanners that say what they are. */
const BOT = /bot\b|bot\/|crawl|spider|slurp|scan(ner)?\b|nikto|sqlmap|nmap|masscan|zgrab|facebookexternalhit/i

/**
 * Leading products that only carry another: the product that says who is calling comes later in the text.
 * AWS partners begin with APN/1.0, then their company, then their tool.
 */
const CARRIERS = new Set(['apn', 'hashicorp', 'mozilla'])

/** Families whose requests come from a program on a server or in a shell, for telling devices apart. */
const PRODUCT = /^[A-Za-z][\w.+-]*(?: [A-Z][\w.-]*)?$/

/** Browsers send up to 600 characters. Patterns never see more of a text that a client chose. */
const MOST_LENGTH = 1024

/**
 * Client family, version and device of a user-agent text: browsers by bowser, everything else by its product tokens (RFC 9110, 10.1.5).
 * Reads the first 1,024 characters.
 */
export function parseClient(text: string): Client {
  const userAgent = text
    .trim()
    .slice(0, MOST_LENGTH)
    .replace(/^\[(.*)\]$/, '$1')
  const bot = BOT.test(userAgent)
  if (/^mozilla\/|^opera\//i.test(userAgent)) {
    const { browser, platform } = Bowser.parse(userAgent)
    const device = bot ? 'bot' : deviceOf(platform.type)
    const named = bot ? nameOfBot(userAgent) : null
    if (named !== null) return { ...named, device }
    if (browser.name !== undefined && browser.name !== '') {
      return { client: browser.name, version: browser.version ?? null, device }
    }
    const embedded = products(userAgent)[0]
    return { client: embedded?.name ?? 'Mozilla', version: embedded?.version ?? null, device }
  }
  const device = bot ? 'bot' : 'server'
  const first = products(userAgent)[0]
  if (first !== undefined) return { client: first.name, version: first.version, device }
  return PRODUCT.test(userAgent)
    ? { client: userAgent, version: null, device }
    : { client: userAgent.slice(0, 64), version: null, device: bot ? 'bot' : 'unknown' }
}

function deviceOf(type: string | undefined): Client['device'] {
  if (type === 'desktop' || type === 'mobile' || type === 'tablet' || type === 'bot') return type
  return 'unknown'
}

/** The first word that says bot, crawler or the like after its first letter, with its version. */
function nameOfBot(userAgent: string): Pick<Client, 'client' | 'version'> | null {
  for (const [, word, version] of userAgent.matchAll(/([\w-]+)(?:\/([\w.]+))?/g)) {
    const name = word!.replace(/^[^A-Za-z]+/, '')
    if (/.(?:bot|crawler|spider|slurp|scan)/i.test(name)) return { client: name, version: version ?? null }
  }
  return null
}

/** `name/version` tokens outside comments, carriers last. */
function products(userAgent: string): { name: string; version: string }[] {
  const bare = userAgent.replace(/\([^)]*\)/g, ' ')
  const found = [...bare.matchAll(/(?<![A-Za-z])([A-Za-z][\w.+@-]*)\/v?([\w.+-]+)/g)].map(
    ([, name, version]) => ({
      name: name!,
      version: version!,
    }),
  )
  const named = found.filter(product => !CARRIERS.has(product.name.toLowerCase()))
  return named.length > 0 ? named : found
}

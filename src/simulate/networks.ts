import { hash } from './hash.ts'

/** An autonomous system as seen from one country. The numbers are real, the addresses below them are made up. */
export interface Network {
  readonly asn: number
  readonly country: string
  readonly kind: 'residential' | 'mobile' | 'business' | 'hosting' | 'vpn' | 'tor'
}

export interface Country {
  readonly code: string
  /** Hours from UTC of its main time zone. */
  readonly offset: number
  readonly residential: readonly Network[]
  readonly mobile: readonly Network[]
  readonly business: readonly Network[]
}

function country(
  code: string,
  offset: number,
  residential: number[],
  mobile: number[],
  business: number[],
): Country {
  const make = (kind: Network['kind']) => (asn: number) => ({ asn, country: code, kind })
  return {
    code,
    offset,
    residential: residential.map(make('residential')),
    mobile: mobile.map(make('mobile')),
    business: business.map(make('business')),
  }
}

/** Where tenants and their people are. */
export const COUNTRIES: readonly Country[] = [
  country('US', -5, [7922, 701, 20115, 22773], [21928, 20057, 6167], [3356, 174, 6461]),
  country('GB', 0, [2856, 5089, 5607, 13285], [12576, 25135, 206067], [5413, 8468]),
  country('DE', 1, [3320, 6805, 31334, 8881], [3209, 48951], [680, 8220]),
  country('FR', 1, [3215, 12322, 15557], [5410, 51207], [8218, 3303]),
  country('IN', 5.5, [9829, 24560, 17488, 45609], [55836, 45271], [4755, 9498]),
  country('BR', -3, [27699, 28573, 18881], [26599, 26615], [4230, 16397]),
  country('PL', 1, [5617, 12741, 29314], [8374, 39603], [5588, 20960]),
  country('CA', -5, [577, 812, 852], [36522, 803], [6327, 15290]),
  country('JP', 9, [4713, 17676, 2516], [9605, 2527], [2914, 4732]),
  country('AU', 10, [1221, 4764, 7545], [4804, 133612], [2764, 9443]),
  country('NL', 1, [33915, 1136, 50266], [15480, 31615], [286, 20847]),
  country('ES', 1, [3352, 12479, 12715], [12430, 6739], [16371, 13041]),
]

/** Where else takeovers and botnet nodes come from, besides the countries above. */
const FURTHER: readonly Country[] = [
  country('RU', 3, [12389, 8402, 42610], [31133], [20485]),
  country('UA', 2, [15895, 13188, 3255], [21497], [6849]),
  country('VN', 7, [45899, 18403], [7552], [38731]),
  country('ID', 7, [7713, 23700], [24203], [4761]),
  country('NG', 1, [37148, 36873], [29465], [37282]),
  country('TR', 3, [9121, 34984], [16135], [8386]),
  country('MX', -6, [8151, 28548], [28403], [6503]),
  country('ZA', 2, [37457, 5713], [29975], [3741]),
  country('RO', 2, [8708, 9050], [8953], [39737]),
  country('CN', 8, [4134, 4837], [9808], [9929]),
]

export const ALL_COUNTRIES: readonly Country[] = [...COUNTRIES, ...FURTHER]

const hosting = (asn: number, where: string): Network => ({ asn, country: where, kind: 'hosting' })

/** Clouds by region, where services and runners live. */
export const CLOUD_REGIONS: readonly Network[] = [
  hosting(16509, 'US'),
  hosting(16509, 'IE'),
  hosting(16509, 'DE'),
  hosting(16509, 'SG'),
  hosting(396982, 'US'),
  hosting(396982, 'BE'),
  hosting(8075, 'US'),
  hosting(8075, 'NL'),
  hosting(8075, 'IE'),
]

/** Cheap servers, commercial VPNs and Tor exits: what thieves rent, and some developers too. */
export const RENTED: readonly Network[] = [
  hosting(14061, 'NL'),
  hosting(14061, 'US'),
  hosting(24940, 'DE'),
  hosting(16276, 'FR'),
  hosting(20473, 'US'),
  hosting(9009, 'RO'),
  hosting(200019, 'MD'),
  hosting(44477, 'NL'),
  { asn: 212238, country: 'GB', kind: 'vpn' },
  { asn: 60068, country: 'CH', kind: 'vpn' },
  { asn: 39351, country: 'SE', kind: 'vpn' },
  { asn: 60729, country: 'DE', kind: 'tor' },
]

/** First octets from which addresses are made: globally routed unicast, no private, shared or special ranges. */
const FIRST = [5, 23, 31, 37, 45, 62, 77, 80, 85, 91, 94, 103, 109, 134, 151, 176, 185, 188, 193, 212]

/** Addresses of the run, each once: code -> text, ASN, country. */
export interface AddressBook {
  readonly texts: string[]
  readonly asns: number[]
  readonly countries: string[]
  /** Code of the IPv4 address of `host` (any uint32, folded into 1-254) in /24 number `block` of a network. */
  v4(network: Network, block: number, host: number): number
  /** Code of the IPv6 address with interface part `host` in /64 number `site` of a network. */
  v6(network: Network, site: number, host: number): number
}

export function createAddressBook(): AddressBook {
  const codes = new Map<string, number>()
  const texts: string[] = []
  const asns: number[] = []
  const countries: string[] = []
  function code(network: Network, text: string): number {
    const known = codes.get(text)
    if (known !== undefined) return known
    codes.set(text, texts.length)
    texts.push(text)
    asns.push(network.asn)
    countries.push(network.country)
    return texts.length - 1
  }
  const seedOf = (network: Network) =>
    hash(network.asn, network.country.charCodeAt(0), network.country.charCodeAt(1))
  return {
    texts,
    asns,
    countries,
    v4(network, block, host) {
      const seed = seedOf(network)
      const first = FIRST[seed % FIRST.length]!
      // A /13 for each network and country: eight second octets, so that few networks overlap.
      const second = ((seed >>> 8) & 0xf8) | ((block >>> 8) & 7)
      return code(network, `${first}.${second}.${block & 255}.${1 + (host % 254)}`)
    },
    v6(network, site, host) {
      const seed = seedOf(network)
      const part = (value: number) => (value & 0xffff).toString(16)
      return code(
        network,
        `2a0${(seed & 7).toString(16)}:${part(seed >>> 8)}:${part(site >>> 16)}:${part(site)}:${part(hash(host) | 0x1000)}:${part(hash(host, 1) | 1)}:${part(hash(host, 2) | 1)}:${part(hash(host, 3) | 1)}`,
      )
    },
  }
}

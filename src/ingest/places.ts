import maxmind, { type Reader, type Response } from 'maxmind'
import { badFile } from './probe.ts'

/** What offline databases know of an address; absent means unknown. */
export interface Place {
  asn?: number
  asOrg?: string
  networkType?: string
  country?: string
  city?: string
  latitude?: number
  longitude?: number
}

export type PlaceReader = (ip: string) => Place

/** The members that GeoLite2/GeoIP2 (Country, City, ASN, Anonymous IP), DB-IP and IPinfo use, flat or nested. */
interface Entry {
  autonomous_system_number?: number
  autonomous_system_organization?: string
  asn?: number | string
  as_name?: string
  name?: string
  country?: { iso_code?: string } | string
  country_code?: string
  city?: { names?: { en?: string } } | string
  location?: { latitude?: number; longitude?: number }
  latitude?: number | string
  longitude?: number | string
  is_tor_exit_node?: boolean
  is_anonymous_vpn?: boolean
  is_hosting_provider?: boolean
  traits?: { user_type?: string; is_anonymous_vpn?: boolean; is_tor_exit_node?: boolean }
}

/** Opens the user's own .mmdb files; the first that knows a fact states it. Without files nothing is known. */
export async function openPlaces(files: readonly string[]): Promise<PlaceReader> {
  const readers: Reader<Response>[] = []
  for (const file of files) {
    readers.push(
      await maxmind.open<Response>(file).catch(() => {
        throw badFile(file, 'is no MaxMind database (.mmdb), or cannot be read')
      }),
    )
  }
  return ip => {
    const place: Place = {}
    for (const reader of readers) {
      const entry = reader.get(ip) as Entry | null
      if (entry !== null) merge(place, entry)
    }
    return place
  }
}

function merge(place: Place, entry: Entry): void {
  const country = typeof entry.country === 'string' ? entry.country : entry.country?.iso_code
  const city = typeof entry.city === 'string' ? entry.city : entry.city?.names?.en
  place.asn ??= number(entry.autonomous_system_number ?? String(entry.asn ?? '').replace(/^AS/i, ''))
  place.asOrg ??= entry.autonomous_system_organization ?? entry.as_name ?? entry.name
  place.country ??= country?.length === 2 ? country.toUpperCase() : entry.country_code?.toUpperCase()
  place.city ??= city
  place.latitude ??= number(entry.location?.latitude ?? entry.latitude)
  place.longitude ??= number(entry.location?.longitude ?? entry.longitude)
  place.networkType ??= networkType(entry)
}

function number(value: unknown): number | undefined {
  const parsed = value === undefined || value === '' ? Number.NaN : Number(value)
  return Number.isFinite(parsed) ? parsed : undefined
}

/** Anonymous IP flags, and the user types of GeoIP2 Enterprise, in our words. */
function networkType(entry: Entry): string | undefined {
  if (entry.is_tor_exit_node || entry.traits?.is_tor_exit_node) return 'tor'
  if (entry.is_anonymous_vpn || entry.traits?.is_anonymous_vpn) return 'vpn'
  if (entry.is_hosting_provider) return 'hosting'
  return { cellular: 'mobile', hosting: 'hosting', residential: 'residential', business: 'business' }[
    entry.traits?.user_type ?? ''
  ]
}

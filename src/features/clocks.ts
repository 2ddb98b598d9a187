/**
 * Clock of each country, by the zone that most of its people live in (IANA). Where a country spans several zones they change their
 * clocks together but for small parts, so the change is right and the distance to other countries is off by an hour or two.
 */
const ZONES: Readonly<Record<string, string>> = {
  AE: 'Asia/Dubai',
  AR: 'America/Argentina/Buenos_Aires',
  AT: 'Europe/Vienna',
  AU: 'Australia/Sydney',
  BD: 'Asia/Dhaka',
  BE: 'Europe/Brussels',
  BG: 'Europe/Sofia',
  BR: 'America/Sao_Paulo',
  CA: 'America/Toronto',
  CH: 'Europe/Zurich',
  CL: 'America/Santiago',
  CN: 'Asia/Shanghai',
  CO: 'America/Bogota',
  CY: 'Asia/Nicosia',
  CZ: 'Europe/Prague',
  DE: 'Europe/Berlin',
  DK: 'Europe/Copenhagen',
  EE: 'Europe/Tallinn',
  EG: 'Africa/Cairo',
  ES: 'Europe/Madrid',
  FI: 'Europe/Helsinki',
  FR: 'Europe/Paris',
  GB: 'Europe/London',
  GR: 'Europe/Athens',
  HK: 'Asia/Hong_Kong',
  HR: 'Europe/Zagreb',
  HU: 'Europe/Budapest',
  ID: 'Asia/Jakarta',
  IE: 'Europe/Dublin',
  IL: 'Asia/Jerusalem',
  IN: 'Asia/Kolkata',
  IS: 'Atlantic/Reykjavik',
  IT: 'Europe/Rome',
  JP: 'Asia/Tokyo',
  KE: 'Africa/Nairobi',
  KR: 'Asia/Seoul',
  LT: 'Europe/Vilnius',
  LU: 'Europe/Luxembourg',
  LV: 'Europe/Riga',
  MT: 'Europe/Malta',
  MX: 'America/Mexico_City',
  MY: 'Asia/Kuala_Lumpur',
  NG: 'Africa/Lagos',
  NL: 'Europe/Amsterdam',
  NO: 'Europe/Oslo',
  NZ: 'Pacific/Auckland',
  PE: 'America/Lima',
  PH: 'Asia/Manila',
  PK: 'Asia/Karachi',
  PL: 'Europe/Warsaw',
  PT: 'Europe/Lisbon',
  PY: 'America/Asuncion',
  RO: 'Europe/Bucharest',
  RS: 'Europe/Belgrade',
  RU: 'Europe/Moscow',
  SA: 'Asia/Riyadh',
  SE: 'Europe/Stockholm',
  SG: 'Asia/Singapore',
  SI: 'Europe/Ljubljana',
  SK: 'Europe/Bratislava',
  TH: 'Asia/Bangkok',
  TR: 'Europe/Istanbul',
  TW: 'Asia/Taipei',
  UA: 'Europe/Kyiv',
  US: 'America/New_York',
  VN: 'Asia/Ho_Chi_Minh',
  ZA: 'Africa/Johannesburg',
}

/** Countries whose change of clocks a token may follow that no country is known of. */
export const LIKELY_COUNTRIES = ['DE', 'US'] as const

/** A country's clock on a day, and how it differed in the days before. */
export interface Clock {
  readonly country: string
  /** Hours ahead of UTC at noon UTC of the day. */
  readonly offset: number
  /** Day of the last change of clocks within the memory; null where there was none. */
  readonly changed: string | null
  /** Hours ahead of UTC before that day less those from it on: -1 when clocks went forward. */
  readonly delta: number
}

const DAY_MS = 86_400_000

/** The clocks of all countries on a UTC day, `YYYY-MM-DD`, with what changed in the days before it. */
export function clocksOf(day: string, memoryDays: number): Clock[] {
  return Object.keys(ZONES).map(country => clockOf(country, day, memoryDays)!)
}

/** The clock of one country; undefined where it is not known. */
export function clockOf(country: string, day: string, memoryDays: number): Clock | undefined {
  if (!Object.hasOwn(ZONES, country)) return undefined
  const zone = ZONES[country]!
  const at = Date.parse(day)
  const offset = offsetHours(zone, at)
  // Clocks change at most once in a memory of six weeks: halve the span until the day of change is found.
  let [same, other] = [0, memoryDays]
  if (offsetHours(zone, at - other * DAY_MS) === offset) return { country, offset, changed: null, delta: 0 }
  while (other - same > 1) {
    const middle = (same + other) >> 1
    if (offsetHours(zone, at - middle * DAY_MS) === offset) same = middle
    else other = middle
  }
  const changed = new Date(at - same * DAY_MS).toISOString().slice(0, 10)
  return { country, offset, changed, delta: offsetHours(zone, at - other * DAY_MS) - offset }
}

const formats = new Map<string, Intl.DateTimeFormat>()

/** Hours that a zone is ahead of UTC at noon UTC of a day: `GMT+05:30` is 5.5. */
function offsetHours(zone: string, day: number): number {
  let format = formats.get(zone)
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' })
    formats.set(zone, format)
  }
  const name = format.formatToParts(day + DAY_MS / 2).find(part => part.type === 'timeZoneName')!.value
  const [, sign, hours, minutes] = /GMT([+-])(\d+):(\d+)/.exec(name) ?? [null, '+', '0', '0']
  return (sign === '-' ? -1 : 1) * (Number(hours) + Number(minutes) / 60)
}

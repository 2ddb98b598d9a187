/** A number as a person would say it, with its unit: 4.2 MB, 3 days, 1.2 M. `unit` as in ReasonFact. */
export function amount(value: number, unit?: string | null): string {
  if (unit === 'bytes') return `${short(value, BYTE_UNITS)}`
  if (unit === 'ms') return value >= 1000 ? `${trimmed(value / 1000)} s` : `${trimmed(value)} ms`
  if (unit === 'hours') return value >= 48 ? `${trimmed(value / 24)} days` : plural(value, 'hour')
  if (unit === 'km/h') return `${Math.round(value).toLocaleString('en')} km/h`
  if (unit === 'share') return `${trimmed(100 * value)} %`
  const number = short(value, COUNT_UNITS)
  return unit === null || unit === undefined ? number : `${number} ${unit}`
}

/** `1 token`, `3 tokens`. */
export function plural(n: number, noun: string): string {
  return `${amount(n)} ${noun}${n === 1 ? '' : 's'}`
}

export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

export function round(value: number, digits: number): number {
  return Number(value.toFixed(digits))
}

/** Smallest value told in the unit, what it is divided by, and its name. */
type Scale = readonly (readonly [from: number, size: number, name: string])[]

const COUNT_UNITS: Scale = [
  [1e9, 1e9, ' G'],
  [1e6, 1e6, ' M'],
  [1e4, 1e3, ' k'],
  [0, 1, ''],
]
const BYTE_UNITS: Scale = [
  [1e9, 1e9, ' GB'],
  [1e6, 1e6, ' MB'],
  [1e4, 1e3, ' kB'],
  [0, 1, ' bytes'],
]

function short(value: number, scale: Scale): string {
  const [, size, name] = scale.find(([from]) => Math.abs(value) >= from)!
  return `${trimmed(value / size)}${name}`
}

/** One decimal below ten or after a division, none above a hundred. */
function trimmed(value: number): string {
  return String(round(value, Math.abs(value) < 100 ? 1 : 0))
}

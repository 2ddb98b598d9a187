import ipaddr from 'ipaddr.js'

export interface Address {
  /** Canonical text: dotted quad, or RFC 5952 for IPv6; IPv4 inside IPv6 is unwrapped. */
  readonly ip: string
  /** /24 of IPv4, /48 of IPv6: what one site is usually given (RFC 6177), in CIDR form. */
  readonly net: string
  /** Loopback, link-local, private, carrier-grade NAT: says nothing about a place. */
  readonly isPrivate: boolean
}

const PRIVATE_RANGES = new Set([
  'private',
  'loopback',
  'linkLocal',
  'uniqueLocal',
  'carrierGradeNat',
  'unspecified',
])

/**
 * The client address of a log's text: the first of an X-Forwarded-For list, without port, brackets or zone.
 * Null where the text is no address: host names, service names, "unknown".
 */
export function parseAddress(text: string): Address | null {
  const first = text.split(',', 1)[0]!.trim().replace(/^"|"$/g, '')
  const bare = first
    .replace(/^\[([^\]]+)\](:\d+)?$/, '$1')
    .replace(/^(\d+\.\d+\.\d+\.\d+):\d+$/, '$1')
    .replace(/%.*$/, '')
  // ipaddr.js also takes "10" or 0x7f.1 as the C library does; a log that means an address writes it out.
  const isV4 = /^\d{1,3}(\.\d{1,3}){3}$/.test(bare)
  if (!isV4 && !bare.includes(':')) return null
  if (!ipaddr.isValid(bare)) return null
  const address = ipaddr.process(isV4 ? bare.replace(/(^|\.)0+(?=\d)/g, '$1') : bare)
  const isPrivate = PRIVATE_RANGES.has(address.range())
  if (address.kind() === 'ipv4') {
    const bytes = address.toByteArray()
    return { ip: address.toString(), net: `${bytes[0]}.${bytes[1]}.${bytes[2]}.0/24`, isPrivate }
  }
  const parts = (address as ipaddr.IPv6).parts
  const prefix = new ipaddr.IPv6([parts[0]!, parts[1]!, parts[2]!, 0, 0, 0, 0, 0])
  return { ip: (address as ipaddr.IPv6).toRFC5952String(), net: `${prefix.toRFC5952String()}/48`, isPrivate }
}

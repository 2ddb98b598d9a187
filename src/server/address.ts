import { getConnInfo } from '@hono/node-server/conninfo'
import type { Context } from 'hono'
import ipaddr from 'ipaddr.js'

/** Sites get a /64 or more of IPv6: one host could otherwise pose as many. */
const SITE_WORDS = 4

/**
 * The address that a request came from, for counting requests: IPv4 whole, IPv6 by its /64. Behind a proxy this is the proxy's address.
 * `unknown` where no socket is known.
 */
export function addressOf(c: Context): string {
  const address = c.env?.incoming === undefined ? undefined : getConnInfo(c).remote.address
  if (address === undefined || !ipaddr.isValid(address)) return 'unknown'
  const parsed = ipaddr.process(address)
  return parsed.kind() === 'ipv4'
    ? parsed.toString()
    : (parsed as ipaddr.IPv6).parts
        .slice(0, SITE_WORDS)
        .map(word => word.toString(16))
        .join(':')
}

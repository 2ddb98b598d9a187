import fc from 'fast-check'
import ipaddr from 'ipaddr.js'
import { expect, test } from 'vitest'
import { parseAddress } from '../../src/ingest/address.ts'

test.each([
  ['198.51.100.7', '198.51.100.7', '198.51.100.0/24', false],
  ['198.51.100.7:443', '198.51.100.7', '198.51.100.0/24', false],
  ['010.001.002.003', '10.1.2.3', '10.1.2.0/24', true],
  ['203.0.113.9, 10.0.0.1', '203.0.113.9', '203.0.113.0/24', false],
  ['::ffff:203.0.113.9', '203.0.113.9', '203.0.113.0/24', false],
  ['2001:DB8:0:0::1', '2001:db8::1', '2001:db8::/48', false],
  ['[2001:db8:a:b::1]:443', '2001:db8:a:b::1', '2001:db8:a::/48', false],
  ['fe80::1%eth0', 'fe80::1', 'fe80::/48', true],
  ['100.64.3.4', '100.64.3.4', '100.64.3.0/24', true],
])('%s', (text, ip, net, isPrivate) => {
  expect(parseAddress(text)).toEqual({ ip, net, isPrivate })
})

test.each(['AWS Internal', 's3.amazonaws.com', 'unknown', '', '10', '1.2.3', '300.1.2.3', '::g'])(
  '"%s" is no address',
  text => {
    expect(parseAddress(text)).toBeNull()
  },
)

test('every address lies in its own net, and its canonical text is a fixed point', () => {
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), text => {
      const address = parseAddress(text)!
      const inside = ipaddr.parse(address.ip).match(ipaddr.parseCIDR(address.net) as [ipaddr.IPv4, number])
      expect(inside).toBe(true)
      expect(parseAddress(address.ip)).toEqual(address)
    }),
  )
})

import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openPlaces } from '../../src/ingest/places.ts'
import { type Bench, createBench } from '../pipeline/ingest-fixture.ts'

type Value = string | number | boolean | { [key: string]: Value }

/** A value in the MaxMind DB data format 2.0: control byte (type in the upper 3 bits, size in the lower 5), then payload. */
function encode(value: Value): Buffer {
  if (typeof value === 'string') {
    const text = Buffer.from(value)
    // Sizes from 29 to 284 take one more byte.
    const control = text.length < 29 ? [(2 << 5) | text.length] : [(2 << 5) | 29, text.length - 29]
    return Buffer.concat([Buffer.from(control), text])
  }
  if (typeof value === 'boolean') return Buffer.from([value ? 1 : 0, 14 - 7])
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0) {
    const bytes = Buffer.alloc(4)
    bytes.writeUInt32BE(value)
    return Buffer.concat([Buffer.from([(6 << 5) | 4]), bytes])
  }
  if (typeof value === 'number') {
    const bytes = Buffer.alloc(8)
    bytes.writeDoubleBE(value)
    return Buffer.concat([Buffer.from([(3 << 5) | 8]), bytes])
  }
  const entries = Object.entries(value)
  return Buffer.concat([
    Buffer.from([(7 << 5) | entries.length]),
    ...entries.flatMap(([key, inner]) => [encode(key), encode(inner)]),
  ])
}

/** A database of one IPv4 network of 8 bits, `first`.0.0.0/8: a chain of 8 nodes with records of 24 bits. */
function mmdb(first: number, entry: Value): Buffer {
  const nodes = 8
  const tree = Buffer.alloc(nodes * 6)
  for (let bit = 0; bit < 8; bit++) {
    const next = bit === 7 ? nodes + 16 : bit + 1
    const side = (first >> (7 - bit)) & 1
    tree.writeUIntBE(side === 0 ? next : nodes, bit * 6, 3)
    tree.writeUIntBE(side === 1 ? next : nodes, bit * 6 + 3, 3)
  }
  const metadata = encode({
    node_count: nodes,
    record_size: 24,
    ip_version: 4,
    database_type: 'Test',
    binary_format_major_version: 2,
    binary_format_minor_version: 0,
    build_epoch: 1,
  })
  return Buffer.concat([
    tree,
    Buffer.alloc(16),
    encode(entry),
    Buffer.from('\xab\xcd\xefMaxMind.com', 'latin1'),
    metadata,
  ])
}

const folder = mkdtempSync(join(tmpdir(), 'keyhound-mmdb-'))
function write(name: string, first: number, entry: Value): string {
  writeFileSync(join(folder, name), mmdb(first, entry))
  return join(folder, name)
}
const city = write('city.mmdb', 203, {
  country: { iso_code: 'DE' },
  city: { names: { en: 'Berlin' } },
  location: { latitude: 52.5, longitude: 13.4 },
})
const asn = write('asn.mmdb', 203, {
  autonomous_system_number: 64500,
  autonomous_system_organization: 'Example Net',
})
const anonymous = write('anonymous.mmdb', 198, { is_hosting_provider: true })

let bench: Bench
beforeEach(async () => {
  bench = await createBench()
})
afterEach(() => bench.engine.close())

test('several databases together tell what each knows', async () => {
  const places = await openPlaces([city, asn, anonymous])
  expect(places('203.0.113.9')).toMatchObject({
    asn: 64500,
    asOrg: 'Example Net',
    country: 'DE',
    city: 'Berlin',
    latitude: 52.5,
    longitude: 13.4,
  })
  expect(places('198.51.100.1')).toEqual(
    expect.objectContaining({ networkType: 'hosting', country: undefined }),
  )
  expect(places('192.0.2.1')).toEqual({})
})

test('a file that is no database is named', async () => {
  writeFileSync(join(folder, 'text.mmdb'), 'nothing')
  await expect(openPlaces([join(folder, 'text.mmdb')])).rejects.toThrow(/text\.mmdb: is no MaxMind database/)
})

test('ingest fills places from databases and network types from a list; what the log says wins, private stays private', async () => {
  const log = bench.write(
    'a.csv',
    [
      'time,token_id,ip,country,asn',
      '2026-10-05T01:00:00Z,t,203.0.113.9,,',
      '2026-10-05T01:00:01Z,t,203.0.113.9,fr,AS64501 Other Net',
      '2026-10-05T01:00:02Z,t,10.0.0.1,,',
      '2026-10-05T01:00:03Z,t,host.internal,,',
    ].join('\n'),
  )
  const networkTypes = bench.write('types.csv', 'asn,network_type\n64500,VPN\nAS64501,mobile\n')
  const summary = await bench.ingest(log, { tokens: 'identifier', mmdb: [city, asn], networkTypes })
  expect(await bench.events('source_ip, asn, as_org, country, city, network_type')).toEqual([
    {
      source_ip: '203.0.113.9',
      asn: 64500,
      as_org: 'Example Net',
      country: 'DE',
      city: 'Berlin',
      network_type: 'vpn',
    },
    {
      source_ip: '203.0.113.9',
      asn: 64501,
      as_org: 'Other Net',
      country: 'FR',
      city: 'Berlin',
      network_type: 'mobile',
    },
    { source_ip: '10.0.0.1', asn: null, as_org: null, country: null, city: null, network_type: 'private' },
    { source_ip: null, asn: null, as_org: null, country: null, city: null, network_type: null },
  ])
  expect(summary.notes.join('\n')).toContain('source_ip: 1 distinct values are no addresses')
})

test('without columns and databases the places are unknown, and the run says so', async () => {
  const log = bench.write('a.csv', 'time,token_id,ip\n2026-10-05T01:00:00Z,t,203.0.113.9\n')
  const summary = await bench.ingest(log)
  expect(await bench.events('asn, country, latitude')).toEqual([{ asn: null, country: null, latitude: null }])
  expect(summary.notes).toContain(
    'unknown: asn, country, latitude (no such columns, and no .mmdb file given); features of place stay unknown, not zero',
  )
})

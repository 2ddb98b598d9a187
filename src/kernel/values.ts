import type { TextHash } from '../stats/text-hash.ts'
import { type ContentColumns, ContentIds } from './content-ids.ts'
import { FACET } from './facets.ts'
import { longer } from './pair-table.ts'

/** Domains of the hash beyond those of the facets. */
const TOKEN_DOMAIN = 64
const TENANT_DOMAIN = 65
const PRINCIPAL_DOMAIN = 66
const PEER_DOMAIN = 67

/** Numbers for the values of facets; values of two facets are two, whatever their texts. */
export class Values {
  readonly ids: ContentIds
  /** Facet of each value. */
  facetOf = new Uint8Array(1 << 10)
  /** Texts of values met in this process. */
  readonly texts: (string | undefined)[] = []

  constructor(hash: TextHash) {
    this.ids = new ContentIds(hash)
  }

  get count(): number {
    return this.ids.count
  }

  /** The number of a value; -1 for null. */
  put(facet: number, text: string | null): number {
    return text === null ? -1 : this.#added(this.ids.put(facet, text), facet, text)
  }

  /** An object of a resource type; -1 without an id. */
  putObject(resource: string | null, id: string | null): number {
    if (id === null) return -1
    const type = resource ?? ''
    return this.#added(this.ids.put(FACET.object, type, id), FACET.object, `${type}:${id}`)
  }

  /** One operation after another. */
  putBigram(before: string, after: string): number {
    return this.#added(this.ids.put(FACET.bigram, before, after), FACET.bigram, `${before} > ${after}`)
  }

  #added(id: number, facet: number, text: string): number {
    if (id >= this.facetOf.length)
      this.facetOf = longer(this.facetOf, Math.max(id + 1, this.facetOf.length * 2))
    this.facetOf[id] = facet
    this.texts[id] ??= text
    return id
  }

  /** Takes back the numbers that were given last, down to `count` of them. */
  shrink(count: number): void {
    this.ids.shrink(count)
    if (this.texts.length > count) this.texts.length = count
  }

  /** Gives the next numbers to values by their hashes; texts by their place among them. */
  restore(columns: ContentColumns, facets: Uint8Array, texts: ReadonlyMap<number, string>): void {
    const first = this.count
    this.ids.restore(columns)
    if (this.count > this.facetOf.length)
      this.facetOf = longer(this.facetOf, Math.max(this.count, this.facetOf.length * 2))
    this.facetOf.set(facets, first)
    for (const [at, text] of texts) this.texts[first + at] = text
  }

  /**
   * Whether a value comes before another one by its text: ties are broken alike in every workspace, whatever the order of coming. Both
   * must have been met in this process; -1 comes last.
   */
  isBefore(a: number, b: number): boolean {
    return b < 0 || this.texts[a]! < this.texts[b]!
  }
}

/** How many of each kind have a number. */
export interface EntityCounts {
  readonly tokens: number
  readonly tenants: number
  readonly principals: number
  readonly peers: number
}

/** Numbers for tokens, tenants, principals and peer groups, all told apart by tenant. */
export class Entities {
  readonly tokens: ContentIds
  readonly tenants: ContentIds
  readonly principals: ContentIds
  readonly peers: ContentIds
  readonly tenantIds: string[] = []
  readonly tokenIds: string[] = []
  /** Tenant of each token. */
  tenantOf = new Int32Array(1 << 8)

  constructor(hash: TextHash) {
    this.tokens = new ContentIds(hash)
    this.tenants = new ContentIds(hash)
    this.principals = new ContentIds(hash)
    this.peers = new ContentIds(hash)
  }

  tenant(tenantId: string): number {
    const tenant = this.tenants.put(TENANT_DOMAIN, tenantId)
    this.tenantIds[tenant] ??= tenantId
    return tenant
  }

  token(tenantId: string, tokenId: string): number {
    const token = this.tokens.put(TOKEN_DOMAIN, tenantId, tokenId)
    if (this.tokenIds[token] === undefined) {
      this.tokenIds[token] = tokenId
      if (token >= this.tenantOf.length)
        this.tenantOf = longer(this.tenantOf, Math.max(token + 1, this.tenantOf.length * 2))
      this.tenantOf[token] = this.tenant(tenantId)
    }
    return token
  }

  /** The number of a token met before, or -1. */
  findToken(tenantId: string, tokenId: string): number {
    return this.tokens.find(TOKEN_DOMAIN, tenantId, tokenId)
  }

  counts(): EntityCounts {
    const { tokens, tenants, principals, peers } = this
    return {
      tokens: tokens.count,
      tenants: tenants.count,
      principals: principals.count,
      peers: peers.count,
    }
  }

  /** Takes back the numbers that were given since they were counted. */
  shrink({ tokens, tenants, principals, peers }: EntityCounts): void {
    this.tokens.shrink(tokens)
    this.tenants.shrink(tenants)
    this.principals.shrink(principals)
    this.peers.shrink(peers)
    this.tokenIds.length = tokens
    this.tenantIds.length = tenants
  }

  /** Gives the next numbers to tokens and what they belong to, by their hashes. */
  restore(
    columns: Readonly<Record<'tokens' | 'tenants' | 'principals' | 'peers', ContentColumns>>,
    tenantIds: readonly string[],
    tokenIds: readonly string[],
    tenantOf: Int32Array,
  ): void {
    const first = this.tokens.count
    for (const name of ['tokens', 'tenants', 'principals', 'peers'] as const)
      this[name].restore(columns[name])
    this.tenantIds.push(...tenantIds)
    for (const tokenId of tokenIds) this.tokenIds.push(tokenId)
    if (this.tokens.count > this.tenantOf.length)
      this.tenantOf = longer(this.tenantOf, Math.max(this.tokens.count, this.tenantOf.length * 2))
    this.tenantOf.set(tenantOf, first)
  }

  /** Orders tokens by their ids, then by their tenants'. */
  compareTokens(a: number, b: number): number {
    if (this.tokenIds[a] !== this.tokenIds[b]) return this.tokenIds[a]! < this.tokenIds[b]! ? -1 : 1
    const [tenantA, tenantB] = [this.tenantIds[this.tenantOf[a]!]!, this.tenantIds[this.tenantOf[b]!]!]
    return tenantA === tenantB ? 0 : tenantA < tenantB ? -1 : 1
  }

  principal(tenantId: string, principalId: string): number {
    return this.principals.put(PRINCIPAL_DOMAIN, tenantId, principalId)
  }

  /** Tokens of one tenant and role are peers; where no role is known, of one kind. */
  peer(tenantId: string, role: string | null, kind: string | null): number {
    return this.peers.put(PEER_DOMAIN, tenantId, role ?? kind ?? '')
  }
}

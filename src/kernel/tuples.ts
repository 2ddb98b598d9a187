import type { TextHash } from '../stats/text-hash.ts'
import { DELETE, isSensitive, KINDS, kindOf, READ, WRITE } from './calls.ts'
import { FACET } from './facets.ts'
import { PairTable } from './pair-table.ts'
import { Entities, type EntityCounts, Values } from './values.ts'

export { DELETE, READ, WRITE }

/** Fields of an event that change together, as texts: who calls. */
export interface WhoFields {
  readonly tenantId: string
  readonly tokenId: string
  readonly principalId: string
  readonly role: string | null
  readonly tokenKind: string | null
  readonly grantedScopes: string | null
  /** Milliseconds since the epoch. */
  readonly createdAt: number | null
}

/** Where the call comes from. */
export interface PlaceFields {
  readonly ip: string | null
  readonly net: string | null
  readonly asn: string | null
  readonly country: string | null
  readonly networkType: string | null
  readonly latitude: number | null
  readonly longitude: number | null
}

/** What is called. */
export interface CallFields {
  readonly method: string | null
  readonly operation: string | null
  readonly path: string | null
  readonly resourceType: string | null
  readonly requiredScope: string | null
}

/** How much had a number at a moment. */
export interface TuplesMark {
  readonly entities: EntityCounts
  readonly values: number
  readonly who: number
  readonly places: number
  readonly agents: number
  readonly calls: number
  readonly objects: number
  readonly grants: number
  readonly lacking: number
  readonly bigrams: number
}

/**
 * What events have in common, spelled out once a distinct combination: an event is five numbers of such tuples and a few numbers of
 * its own. Columns of one kind of tuple are parallel arrays.
 */
export class Tuples {
  readonly entities: Entities
  readonly values: Values

  /** Who: token, principal, peer group, role and kind as numbers of texts (-1 unknown), grant (-1 unknown). */
  readonly whoToken: number[] = []
  readonly whoPrincipal: number[] = []
  readonly whoPrincipalId: string[] = []
  readonly whoRole: (string | null)[] = []
  readonly whoKind: (string | null)[] = []
  readonly whoPeer: number[] = []
  readonly whoGrant: number[] = []
  readonly whoCreatedAt: number[] = []

  /** Places: values of the facets, degrees (NaN unknown). */
  readonly placeIp: number[] = []
  readonly placeNet: number[] = []
  readonly placeAsn: number[] = []
  readonly placeCountry: number[] = []
  readonly placeType: number[] = []
  readonly placeLatitude: number[] = []
  readonly placeLongitude: number[] = []

  /** Agents: values. */
  readonly agentText: number[] = []
  readonly agentClient: number[] = []

  /** Calls: values, kind, whether sensitive, required scope (-1 unknown). */
  readonly callOperation: number[] = []
  readonly callResource: number[] = []
  readonly callScope: number[] = []
  readonly callKind: number[] = []
  readonly callSensitive: number[] = []

  /** Value of each object tuple. */
  readonly objectValue: number[] = []

  readonly #grants = new Map<string, number>()
  readonly #grantWords: ReadonlySet<string>[] = []
  /** Whether a grant lacks a scope, by grant and scope: 0 no, 1 yes. */
  readonly #lacking = new PairTable()
  #lackingIs: number[] = []
  readonly #bigrams = new PairTable()
  readonly #bigramValue: number[] = []
  readonly #statuses = new Int32Array(64 * 3).fill(-1)

  constructor(hash: TextHash) {
    this.entities = new Entities(hash)
    this.values = new Values(hash)
  }

  addWho(who: WhoFields): void {
    const { entities } = this
    this.whoToken.push(entities.token(who.tenantId, who.tokenId))
    this.whoPrincipal.push(entities.principal(who.tenantId, who.principalId))
    this.whoPrincipalId.push(who.principalId)
    this.whoRole.push(who.role)
    this.whoKind.push(who.tokenKind)
    this.whoPeer.push(entities.peer(who.tenantId, who.role, who.tokenKind))
    this.whoGrant.push(this.#grantOf(who.grantedScopes))
    this.whoCreatedAt.push(who.createdAt ?? Number.NaN)
  }

  addPlace(place: PlaceFields): void {
    const { values } = this
    this.placeIp.push(values.put(FACET.ip, place.ip))
    this.placeNet.push(values.put(FACET.net, place.net))
    this.placeAsn.push(values.put(FACET.asn, place.asn))
    this.placeCountry.push(values.put(FACET.country, place.country))
    this.placeType.push(values.put(FACET.network_type, place.networkType))
    this.placeLatitude.push(place.latitude ?? Number.NaN)
    this.placeLongitude.push(place.longitude ?? Number.NaN)
  }

  addAgent(userAgent: string | null, client: string | null): void {
    this.agentText.push(this.values.put(FACET.agent, userAgent))
    this.agentClient.push(this.values.put(FACET.client, client))
  }

  addCall(call: CallFields): void {
    const { values } = this
    this.callOperation.push(values.put(FACET.operation, call.operation))
    this.callResource.push(values.put(FACET.resource, call.resourceType))
    this.callScope.push(values.put(FACET.scope, call.requiredScope))
    this.callKind.push(kindOf(call.method, call.operation))
    this.callSensitive.push(isSensitive(call.operation, call.path) ? 1 : 0)
  }

  addObject(resourceType: string | null, resourceId: string): void {
    this.objectValue.push(this.values.putObject(resourceType, resourceId))
  }

  /** 1 where the grant lacks the scope that the call requires, 0 where it has it, -1 where either is unknown. */
  outOfGrant(who: number, call: number): number {
    const grant = this.whoGrant[who]!
    const scope = this.callScope[call]!
    if (grant < 0 || scope < 0) return -1
    const before = this.#lacking.count
    const entry = this.#lacking.put(grant, scope)
    if (entry === before)
      this.#lackingIs.push(this.#grantWords[grant]!.has(this.values.texts[scope]!) ? 0 : 1)
    return this.#lackingIs[entry]!
  }

  /** The value of one operation (a value) after another. */
  bigram(before: number, after: number): number {
    const count = this.#bigrams.count
    const entry = this.#bigrams.put(before, after)
    if (entry === count)
      this.#bigramValue.push(this.values.putBigram(this.values.texts[before]!, this.values.texts[after]!))
    return this.#bigramValue[entry]!
  }

  /** The value of an outcome: status class and kind of the operation, `4xx read`. */
  outcome(status: number, kind: number): number {
    const hundreds = Math.trunc(status / 100)
    if (hundreds < 0 || hundreds >= 64) return this.values.put(FACET.status, `${hundreds}xx ${KINDS[kind]}`)
    const at = hundreds * 3 + kind
    if (this.#statuses[at]! < 0)
      this.#statuses[at] = this.values.put(FACET.status, `${hundreds}xx ${KINDS[kind]}`)
    return this.#statuses[at]!
  }

  /** How much has a number: where {@link Tuples.forget} goes back to. */
  mark(): TuplesMark {
    return {
      entities: this.entities.counts(),
      values: this.values.count,
      who: this.whoToken.length,
      places: this.placeIp.length,
      agents: this.agentText.length,
      calls: this.callOperation.length,
      objects: this.objectValue.length,
      grants: this.#grantWords.length,
      lacking: this.#lacking.count,
      bigrams: this.#bigrams.count,
    }
  }

  /** Takes back all that was given a number since the mark, so that the same numbers are given again. */
  forget(mark: TuplesMark): void {
    this.entities.shrink(mark.entities)
    this.values.shrink(mark.values)
    for (const column of [
      this.whoToken,
      this.whoPrincipal,
      this.whoPrincipalId,
      this.whoRole,
      this.whoKind,
      this.whoPeer,
      this.whoGrant,
      this.whoCreatedAt,
    ])
      column.length = mark.who
    for (const column of [
      this.placeIp,
      this.placeNet,
      this.placeAsn,
      this.placeCountry,
      this.placeType,
      this.placeLatitude,
      this.placeLongitude,
    ])
      column.length = mark.places
    for (const column of [this.agentText, this.agentClient]) column.length = mark.agents
    for (const column of [
      this.callOperation,
      this.callResource,
      this.callScope,
      this.callKind,
      this.callSensitive,
    ])
      column.length = mark.calls
    this.objectValue.length = mark.objects
    if (this.#grants.size > mark.grants)
      for (const [scopes, grant] of this.#grants) if (grant >= mark.grants) this.#grants.delete(scopes)
    this.#grantWords.length = mark.grants
    this.#lacking.shrink(mark.lacking)
    this.#lackingIs.length = mark.lacking
    this.#bigrams.shrink(mark.bigrams)
    this.#bigramValue.length = mark.bigrams
    for (let at = 0; at < this.#statuses.length; at++)
      if (this.#statuses[at]! >= mark.values) this.#statuses[at] = -1
  }

  #grantOf(scopes: string | null): number {
    if (scopes === null) return -1
    let grant = this.#grants.get(scopes)
    if (grant === undefined) {
      grant = this.#grants.size
      this.#grants.set(scopes, grant)
      this.#grantWords.push(new Set(scopes.split(' ')))
    }
    return grant
  }
}

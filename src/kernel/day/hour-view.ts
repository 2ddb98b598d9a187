import { BUDGET_FACETS, DRIFT_METRICS } from '../../features/metrics.ts'
import type { DaySoFar, FacetHour, TokenHour } from '../../features/token-hour.ts'
import { FACETS, type FacetName } from '../../schema/activity.ts'

/** A token-hour of unknowns with so many metrics, to be filled again and again: every field is there from the start. */
export function createTokenHour(metrics: number): TokenHour {
  const facets = Object.fromEntries(FACETS.map(({ name }) => [name, createFacetHour()]))
  const unknown = Number.NaN
  return {
    requests: 0,
    peak10min: 0,
    activeMinutes: 0,
    failed: unknown,
    denied: unknown,
    notFound: unknown,
    serverErrors: unknown,
    writes: 0,
    deletes: 0,
    sensitive: 0,
    deniedSensitive: unknown,
    outOfGrant: unknown,
    requestBytes: unknown,
    responseBytes: unknown,
    maxResponseBytes: unknown,
    latencyMs: unknown,
    netReturns: unknown,
    countrySwitches: unknown,
    clientSwitches: unknown,
    maxSpeedKmh: unknown,
    idSteps: unknown,
    gapCv: unknown,
    quickGaps: 0,
    gapHours: unknown,
    hourSurprise: unknown,
    facets: facets as Record<FacetName, FacetHour>,
    objects: {
      distinct: unknown,
      fresh: unknown,
      freshRequests: unknown,
      foreign: unknown,
      private: unknown,
      refused: unknown,
    },
    newSharers: unknown,
    addressTokens: unknown,
    addressTenants: unknown,
    operationEntropy: unknown,
    objectEntropy: unknown,
    day: createDaySoFar(),
    past: {
      activeDays: 0,
      ownDays: 0,
      activeHours: 0,
      handovers: 0,
      cusum: new Float64Array(DRIFT_METRICS.length),
      shift: new Float64Array(DRIFT_METRICS.length),
      budget: new Float64Array(BUDGET_FACETS.length),
    },
    tenant: {
      tokens: 0,
      moved: unknown,
      newClient: unknown,
      newOperation: unknown,
      serverErrors: unknown,
      failed: unknown,
    },
    judged: {
      surprise: new Float64Array(metrics),
      excess: new Float64Array(metrics),
      typical: new Float64Array(metrics),
    },
  }
}

function createFacetHour(): FacetHour {
  const unknown = Number.NaN
  return {
    distinct: unknown,
    fresh: unknown,
    surprise: unknown,
    surplus: unknown,
    meanSurprise: unknown,
    adopted: unknown,
  }
}

function createDaySoFar(): DaySoFar {
  const unknown = Number.NaN
  return {
    hours: 0,
    requests: 0,
    responseBytes: unknown,
    denied: unknown,
    deletes: 0,
    sensitive: 0,
    freshOperations: unknown,
    foreignObjects: unknown,
    objects: unknown,
    freshObjectRequests: unknown,
    refusedObjects: unknown,
    handovers: unknown,
    hourSurprise: 0,
    operationSurprise: 0,
    bigramSurprise: 0,
    scopeSurprise: 0,
    netSurprise: 0,
  }
}

import type { Reason } from '../schema/scores.ts'
import { DETECTOR_NAMES } from '../scoring/score-windows.ts'

/** What makes two alerts alike, beside tenant and token. */
export interface Likeness {
  /** Of the strongest reason. */
  readonly reasonCode: string | null
  /** The two strongest detectors; null without a reason. */
  readonly detectors: string | null
  /** `code=value` of every reason that names one: a network, a client, an operation. */
  readonly values: readonly string[]
}

/** Values that name no thing which another alert could share: the hour of the day. */
const NAMELESS_CODES = new Set(['unusual_hour'])

export function likenessOf(reasons: readonly Reason[]): Likeness {
  return {
    reasonCode: reasons[0]?.code ?? null,
    detectors: [...sharesByDetector(reasons).keys()].slice(0, 2).join('+') || null,
    values: reasons.flatMap(({ code, actual }) =>
      typeof actual === 'string' && !NAMELESS_CODES.has(code) ? [`${code}=${actual}`] : [],
    ),
  }
}

/** Share of the score by detector, largest first. */
export function sharesByDetector(reasons: readonly Reason[]): Map<string, number> {
  const shares = new Map<string, number>()
  for (const { detector, contribution } of reasons)
    shares.set(detector, (shares.get(detector) ?? 0) + contribution)
  return new Map(
    [...shares].sort((a, b) => b[1] - a[1] || DETECTOR_NAMES.indexOf(a[0]) - DETECTOR_NAMES.indexOf(b[0])),
  )
}

import type { TriagedAlert } from '../pipeline/triage.ts'
import type { OutgoingAlert } from './sink.ts'

/** An alert as machines are told it: what `keyhound alerts show --json` prints, times in ISO form, with the id of the delivery. */
export function alertRecord({ alert, deliveryId }: OutgoingAlert): TriagedAlert & { deliveryId: string } {
  return { deliveryId, ...alert }
}

import type { ExampleEvent } from '../pipeline/example-events.ts'
import type { TriagedAlert } from '../pipeline/triage.ts'
import type { Outcome } from './outside.ts'

/** An alert about to be told. */
export interface OutgoingAlert {
  readonly alert: TriagedAlert
  /** Those that its reasons name, by id; ones that are gone are missing. */
  readonly events: ReadonlyMap<string, ExampleEvent>
  /** Idempotency key of this message. */
  readonly deliveryId: string
}

/** One attempt to be made. */
export interface Attempt {
  readonly id: string
  readonly payload: string
  /** When the message was put into the outbox. */
  readonly createdAt: Date
}

/** A receiver of alerts. Rendering and sending are apart: every attempt sends the bytes of the first. */
export interface Sink {
  render(outgoing: OutgoingAlert, at: Date): string
  /** Never throws for what the receiver does. */
  send(attempt: Attempt): Promise<Outcome>
}

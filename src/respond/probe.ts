import type { TriagedAlert } from '../pipeline/triage.ts'
import type { SinkConfig } from '../schema/sinks.ts'
import { openSink } from './open-sink.ts'
import type { Outcome, Outside } from './outside.ts'

/** Sends a made-up alert that says that it is one, past the outbox; each call has an id of its own moment. */
export async function probeSink(config: SinkConfig, outside: Outside): Promise<Outcome> {
  const at = outside.clock()
  const sink = openSink(config, outside)
  const id = `kh_test_${at.getTime()}`
  const payload = sink.render({ alert: madeUpAlert(at), events: new Map(), deliveryId: id }, at)
  return sink.send({ id, payload, createdAt: at })
}

function madeUpAlert(at: Date): TriagedAlert {
  return {
    alertId: 'test',
    incidentId: null,
    tenantId: 'test',
    principalId: 'test',
    tokenId: 'test',
    firstSeen: at,
    lastSeen: at,
    windows: 0,
    severity: 'info',
    risk: 0,
    score: 0,
    maturity: null,
    filterProbability: null,
    title: 'Test message from Keyhound; nothing happened',
    reasons: [],
    evidence: [],
    techniques: [],
    status: 'new',
    shown: 'queue',
    suppressedBecause: null,
    foldedInto: null,
    folds: 0,
    model: 'none',
    verdict: null,
  }
}

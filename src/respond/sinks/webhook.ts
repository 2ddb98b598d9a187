import type { SinkOf } from '../../schema/sinks.ts'
import { checkUrl, outcomeOf } from '../http.ts'
import type { Outside } from '../outside.ts'
import { alertRecord } from '../record.ts'
import { openSigned } from '../signed.ts'
import type { Sink } from '../sink.ts'

/** Signed JSON to a webhook: `{type, timestamp, data}`; `webhook-id` is the idempotency key, the same at every attempt. */
export function openWebhookSink(config: SinkOf<'webhook'>, outside: Outside): Sink {
  const owner = `sink "${config.name}"`
  checkUrl(config.url, config.allowHttp, owner)
  const post = openSigned(config, outside, owner)
  return {
    render: (outgoing, at) =>
      JSON.stringify({ type: 'alert.raised', timestamp: at.toISOString(), data: alertRecord(outgoing) }),
    send: async ({ id, payload }) => outcomeOf(await post(id, payload)),
  }
}

import type { SinkOf } from '../../schema/sinks.ts'
import { call, checkUrl, outcomeOf } from '../http.ts'
import { toDetectionFinding } from '../ocsf.ts'
import { type Outside, secretOf } from '../outside.ts'
import type { Sink } from '../sink.ts'

/** OCSF Detection Findings by HTTP; `Idempotency-Key` is the same at every attempt. */
export function openOcsfSink(config: SinkOf<'ocsf'>, outside: Outside): Sink {
  const owner = `sink "${config.name}"`
  checkUrl(config.url, config.allowHttp, owner)
  const secret = config.secretEnv === undefined ? undefined : secretOf(outside, config.secretEnv, owner)
  return {
    render: ({ alert, events }) => JSON.stringify(toDetectionFinding(alert, events, outside.productVersion)),
    send: async ({ id, payload }) =>
      outcomeOf(
        await call(outside, {
          url: config.url,
          headers: {
            'content-type': 'application/json',
            'idempotency-key': id,
            ...(secret && { authorization: `Bearer ${secret}` }),
          },
          body: payload,
          secrets: secret ? [secret] : [],
        }),
      ),
  }
}

import type { AdapterOf } from '../../schema/playbooks.ts'
import type { ActionOutcome, ActionRequest, Adapter } from '../adapter.ts'
import { checkUrl, type HttpAnswer } from '../http.ts'
import type { Outside } from '../outside.ts'
import { openSigned } from '../signed.ts'

/** Asks a service of yours by a signed webhook: `response.restrict`, and `response.restrict.undo` to take it back. */
export function openWebhookAdapter(config: AdapterOf<'webhook'>, outside: Outside): Adapter {
  const owner = `adapter "${config.name}"`
  checkUrl(config.url, config.allowHttp, owner)
  const post = openSigned(config, outside, owner)
  const ask = async (request: ActionRequest, type: string, id: string) =>
    answerOf(
      await post(id, JSON.stringify({ type, timestamp: outside.clock().toISOString(), data: request })),
    )
  return {
    execute: request => ask(request, `response.${request.action}`, request.id),
    undo: request => ask(request, `response.${request.action}.undo`, `${request.id}-undo`),
  }
}

function answerOf(answer: HttpAnswer): ActionOutcome {
  return answer.ok ? { ok: true, detail: { answered: answer.status } } : answer
}

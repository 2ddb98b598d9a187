import type { SinkOf } from '../../schema/sinks.ts'
import { call, checkUrl, outcomeOf } from '../http.ts'
import { cut, type Outside, secretOf } from '../outside.ts'
import type { OutgoingAlert, Sink } from '../sink.ts'
import { DEFAULT_TITLE, escapeSlack, renderTemplate, templateValues } from '../template.ts'

/** Limits of Block Kit: characters of a header, of a section's text, of a field. */
const MOST_HEADER = 150
const MOST_SECTION = 3000
const MOST_FIELD = 2000

const DEFAULT_TEXT = '*Why*\n{{reasons}}'

/** A message to a Slack incoming webhook: header, facts side by side, reasons. Slack has no idempotency key. */
export function openSlackSink(config: SinkOf<'slack'>, outside: Outside): Sink {
  const owner = `sink "${config.name}"`
  const url = secretOf(outside, config.urlEnv, owner)
  checkUrl(url, config.allowHttp, owner)
  return {
    render: outgoing => JSON.stringify(messageOf(outgoing, config)),
    send: async ({ payload }) =>
      outcomeOf(
        await call(outside, {
          url,
          headers: { 'content-type': 'application/json' },
          body: payload,
          secrets: [url, new URL(url).pathname],
        }),
      ),
  }
}

function messageOf({ alert }: OutgoingAlert, { template }: SinkOf<'slack'>) {
  const values = templateValues(alert)
  const fill = (text: string) => renderTemplate(text, values, escapeSlack)
  const title = renderTemplate(template?.title ?? DEFAULT_TITLE, values)
  const fact = (name: string, value: string) => ({
    type: 'mrkdwn',
    text: cut(`*${name}*\n${escapeSlack(value)}`, MOST_FIELD),
  })
  return {
    // What notifications and screen readers show.
    text: escapeSlack(title),
    blocks: [
      // Plain text: Slack reads no markup in it.
      { type: 'header', text: { type: 'plain_text', text: cut(title, MOST_HEADER), emoji: false } },
      {
        type: 'section',
        fields: [
          fact('Severity', `${values.severity}, risk ${values.risk}`),
          fact('Token', values.token),
          fact('Principal', values.principal),
          fact('Tenant', values.tenant),
          fact('Seen', `${values.firstSeen} to ${values.lastSeen}`),
          fact('Techniques', values.techniques),
        ],
      },
      {
        type: 'section',
        text: { type: 'mrkdwn', text: cut(fill(template?.text ?? DEFAULT_TEXT), MOST_SECTION) },
      },
      {
        type: 'context',
        elements: [{ type: 'mrkdwn', text: `keyhound alerts show ${escapeSlack(alert.alertId)}` }],
      },
    ],
  }
}

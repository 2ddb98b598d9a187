import type { SinkOf } from '../../schema/sinks.ts'
import { type Mail, openMail } from '../mail.ts'
import { cut, type Outside } from '../outside.ts'
import type { OutgoingAlert, Sink } from '../sink.ts'
import { DEFAULT_TEXT, DEFAULT_TITLE, escapeHtml, renderTemplate, templateValues } from '../template.ts'

/** RFC 5322, section 2.1.1: a line has at most 998 characters; subjects beyond some 200 are not shown anyway. */
export const MOST_SUBJECT = 200

/** A mail by SMTP, as text and as HTML. */
export function openEmailSink(config: SinkOf<'email'>, outside: Outside): Sink {
  const sendMail = openMail(config, outside, `sink "${config.name}"`)
  return {
    render: outgoing => JSON.stringify(mailOf(outgoing, config)),
    send: ({ id, payload }) => sendMail(id, JSON.parse(payload) as Mail),
  }
}

function mailOf({ alert }: OutgoingAlert, { to, template }: SinkOf<'email'>): Mail {
  const values = templateValues(alert)
  const subject = cut(
    renderTemplate(template?.title ?? DEFAULT_TITLE, values).replace(/[\r\n]+/g, ' '),
    MOST_SUBJECT,
  )
  const text = renderTemplate(template?.text ?? DEFAULT_TEXT, values)
  return { to, subject, text, html: toHtml(subject, text), thread: alert.alertId }
}

/** The text as a page of its own; the layout of the text is kept. */
export function toHtml(title: string, text: string): string {
  return `<!doctype html><html><head><meta charset="utf-8"><title>${escapeHtml(title)}</title></head><body><h1 style="font:600 18px sans-serif">${escapeHtml(title)}</h1><pre style="font:14px/1.45 ui-monospace,monospace;white-space:pre-wrap">${escapeHtml(text)}</pre></body></html>`
}

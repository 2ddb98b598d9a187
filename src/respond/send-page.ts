import type { SinkOf } from '../schema/sinks.ts'
import { openMail } from './mail.ts'
import { cut, type Outcome, type Outside } from './outside.ts'
import { MOST_SUBJECT, toHtml } from './sinks/email.ts'

/** A report as it is sent: told in a few lines, with the whole page beside them. */
export interface SentPage {
  /** The same for the same report. */
  readonly id: string
  readonly thread: string
  readonly subject: string
  readonly text: string
  /** File name of the page. */
  readonly name: string
  /** HTML that needs nothing else. Mail programs do not show its drawings, browsers do: it is attached. */
  readonly page: string
}

/** Sends a report through the mail server of a sink, to its recipients, at once and past the outbox. */
export function sendPage(config: SinkOf<'email'>, outside: Outside, sent: SentPage): Promise<Outcome> {
  const send = openMail(config, outside, `sink "${config.name}"`)
  const subject = cut(sent.subject.replace(/[\r\n]+/g, ' '), MOST_SUBJECT)
  return send(sent.id, {
    to: config.to,
    subject,
    text: sent.text,
    html: toHtml(subject, sent.text),
    thread: sent.thread,
    attachments: [{ filename: sent.name, content: sent.page, contentType: 'text/html; charset=utf-8' }],
  })
}

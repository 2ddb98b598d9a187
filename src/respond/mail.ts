import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { createTransport } from 'nodemailer'
import { KeyhoundError } from '../lib/errors.ts'
import type { MailServer } from '../schema/sinks.ts'
import { failure, isLoopback, type Outcome, type Outside, safeLine, secretOf } from './outside.ts'

/** A mail as it waits in the outbox. */
export interface Mail {
  readonly to: readonly string[]
  readonly subject: string
  readonly text: string
  readonly html: string
  /** Mails of one thread share it: mail programs show them together. */
  readonly thread: string
  /** Files that go with it, as texts. */
  readonly attachments?: readonly {
    readonly filename: string
    readonly content: string
    readonly contentType: string
  }[]
}

export type SendMail = (id: string, mail: Mail) => Promise<Outcome>

/** Opens a mail server's settings. Throws `usage` when the password is missing, or would travel unencrypted. */
export function openMail(server: MailServer, outside: Outside, owner: string): SendMail {
  const { host, port, tls, caFile, user, secretEnv, from } = server
  const password = secretEnv === undefined ? undefined : secretOf(outside, secretEnv, owner)
  if (password !== undefined && tls === 'none' && !isLoopback(host)) {
    throw new KeyhoundError('usage', `${owner} would send a password to ${host} unencrypted; set "tls"`)
  }
  const ca = caFile === undefined ? undefined : readFileSync(resolve(outside.root, caFile))
  const transport = createTransport({
    host,
    port,
    secure: tls === 'implicit',
    requireTLS: tls === 'starttls',
    ignoreTLS: tls === 'none',
    ...(ca && { tls: { ca } }),
    ...(user !== undefined && password !== undefined && { auth: { user, pass: password } }),
    connectionTimeout: outside.timeoutMs,
    greetingTimeout: outside.timeoutMs,
    socketTimeout: outside.timeoutMs,
    // Nothing that a template or a log says may make the library read a file or an address.
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  return async (id, { to, subject, text, html, thread, attachments = [] }) => {
    const domain = safeLine(/@([\w.-]+)/.exec(from)?.[1] ?? 'keyhound', 255)
    try {
      const { rejected } = await transport.sendMail({
        from,
        to: [...to],
        subject,
        text,
        html,
        attachments: attachments.map(one => ({ ...one })),
        // The same at every attempt: servers and programs that look for doubles find them by it.
        messageId: `<${id}@${domain}>`,
        references: `<${thread}@${domain}>`,
        headers: { 'Auto-Submitted': 'auto-generated' },
      })
      // The others have it: another attempt would reach them twice.
      return rejected.length === 0
        ? { ok: true }
        : failure(`refused for ${rejected.length} of ${to.length} recipients, accepted for the others`, true)
    } catch (error) {
      return mailFailure(error, password)
    } finally {
      transport.close()
    }
  }
}

/** RFC 5321: 4yz may pass, 5yz will not. */
function mailFailure(error: unknown, password = ''): Outcome {
  if (!(error instanceof Error)) return failure('no connection')
  const { responseCode, code } = error as Error & { responseCode?: number; code?: string }
  if (responseCode !== undefined) {
    return failure(`answered ${safeLine(error.message, 200, [password])}`, responseCode >= 500)
  }
  return failure(`no connection (${code ?? 'unknown'})`)
}

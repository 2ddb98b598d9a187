import { Webhook } from 'standardwebhooks'
import { KeyhoundError } from '../lib/errors.ts'
import { call, type HttpAnswer } from './http.ts'
import { type Outside, secretOf } from './outside.ts'

/** Where signed messages go. */
export interface SignedTarget {
  readonly url: string
  readonly secretEnv: string
}

/** A message signed as Standard Webhooks says (https://www.standardwebhooks.com): id, time and body under HMAC-SHA-256. */
export type SignedPost = (id: string, body: string) => Promise<HttpAnswer>

/**
 * Opens a target: the secret is read once. Throws `usage` when it is not set or no such secret; `owner` names the target in
 * messages.
 */
export function openSigned(target: SignedTarget, outside: Outside, owner: string): SignedPost {
  // Two while one replaces the other: receivers accept a message that any of its signatures fits.
  const secrets = secretOf(outside, target.secretEnv, owner).split(/\s+/).filter(Boolean)
  const webhooks = secrets.map(secret => openWebhook(secret, target.secretEnv))
  return (id, body) => {
    // Signed anew at each attempt: receivers refuse messages older than five minutes.
    const at = outside.clock()
    return call(outside, {
      url: target.url,
      headers: {
        'content-type': 'application/json',
        'webhook-id': id,
        'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
        'webhook-signature': webhooks.map(webhook => webhook.sign(id, at, body)).join(' '),
      },
      body,
      secrets,
    })
  }
}

/** Bytes below which a key can be guessed from signatures; the specification asks for 24 to 64. */
const LEAST_KEY_BYTES = 24

function openWebhook(secret: string, variable: string): Webhook {
  const key = secret.replace(/^whsec_/, '')
  const isBase64 = /^[A-Za-z0-9+/]+={0,2}$/.test(key) && key.length % 4 === 0
  if (isBase64 && Buffer.from(key, 'base64').length >= LEAST_KEY_BYTES) return new Webhook(secret)
  throw new KeyhoundError(
    'usage',
    `${variable} holds no webhook secret: write whsec_ and at least ${LEAST_KEY_BYTES} random bytes in base64, as \`echo whsec_$(openssl rand -base64 32)\` does`,
    { where: variable },
  )
}

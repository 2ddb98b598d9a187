import { createHmac, randomBytes } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { KeyhoundError } from '../lib/errors.ts'
import type { Workspace } from '../sql/workspace.ts'

/** Bytes of the workspace key: as long as the digest of HMAC-SHA-256 (RFC 2104, section 3). */
const KEY_BYTES = 32

/**
 * The workspace's secret for hashing tokens, made on first use: base64url in a file only its owner may read (0600).
 * Losing it means that the same token gets a new id; whoever has it can test guesses of a token.
 */
export function workspaceKey(workspace: Workspace): Buffer {
  if (!existsSync(workspace.keyFile)) createKey(workspace.keyFile)
  const key = Buffer.from(readFileSync(workspace.keyFile, 'utf8').trim(), 'base64url')
  if (key.length !== KEY_BYTES) {
    throw new KeyhoundError(
      'corrupt-artefact',
      `${workspace.keyFile} does not hold a key of ${KEY_BYTES} bytes; restore it from a backup, since a new key gives every token a new id`,
      { where: workspace.keyFile },
    )
  }
  return key
}

function createKey(file: string): void {
  mkdirSync(dirname(file), { recursive: true })
  try {
    // "wx": of two processes that start together one creates the key, and the other reads it.
    writeFileSync(file, `${randomBytes(KEY_BYTES).toString('base64url')}\n`, { flag: 'wx', mode: 0o600 })
    chmodSync(file, 0o600)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}

/** A token as it is hashed: without the scheme of an Authorization header, so that header and bare token agree. */
export function bareToken(raw: string): string {
  return raw.trim().replace(/^(bearer|token|apikey|basic)\s+/i, '')
}

/** HMAC-SHA-256 of one raw token, base64url (43 characters). */
export function hashToken(key: Buffer, raw: string): string {
  return createHmac('sha256', key).update(bareToken(raw), 'utf8').digest('base64url')
}

/** This workspace's ids of raw tokens, in the order given; makes the workspace key if there is none yet. */
export function hashTokens(workspace: Workspace, rawTokens: readonly string[]): string[] {
  const key = workspaceKey(workspace)
  return rawTokens.map(raw => hashToken(key, raw))
}

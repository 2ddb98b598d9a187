import { spawn } from 'node:child_process'
import type { Lookup } from '../schema/playbooks.ts'
import type { ActionRequest } from './adapter.ts'
import { checkUrl } from './http.ts'
import { type Outside, safeLine } from './outside.ts'
import { openSigned } from './signed.ts'

/** What a lookup answers, a JSON object, or why there is none. */
export type LookupAnswer =
  | { readonly ok: true; readonly answer: Readonly<Record<string, unknown>> }
  | { readonly ok: false; readonly error: string; readonly isFinal: boolean }

export type Ask = (request: ActionRequest) => Promise<LookupAnswer>

/** Longest answer of a command; a token with its names is a few kilobytes. */
const MOST_BYTES = 65_536

/**
 * Opens a lookup. What it is asked: `{"type": "token.lookup", "data": {"tokenId", "tenantId", "principalId", "alertId"}}`. What it
 * answers is used at once and kept nowhere; what it prints besides is not repeated, since it may hold the token.
 */
export function openLookup(lookup: Lookup, outside: Outside, owner: string): Ask {
  if ('command' in lookup) {
    return async request => parse(await runCommand(lookup.command, questionOf(request), outside))
  }
  checkUrl(lookup.url, lookup.allowHttp, `the lookup of ${owner}`)
  const post = openSigned(lookup, outside, `the lookup of ${owner}`)
  return async request => {
    const answer = await post(`${request.id}-lookup`, questionOf(request))
    return answer.ok
      ? parse({ ok: true, text: answer.body })
      : { ...answer, error: `the lookup ${answer.error}` }
  }
}

function questionOf({ alert }: ActionRequest): string {
  const { tokenId, tenantId, principalId, alertId } = alert
  return JSON.stringify({ type: 'token.lookup', data: { tokenId, tenantId, principalId, alertId } })
}

type Text = { readonly ok: true; readonly text: string } | { readonly ok: false; readonly error: string }

function parse(said: Text): LookupAnswer {
  if (!said.ok) return { ok: false, error: said.error, isFinal: false }
  try {
    const answer: unknown = JSON.parse(said.text)
    if (typeof answer === 'object' && answer !== null && !Array.isArray(answer))
      return { ok: true, answer: answer as Record<string, unknown> }
  } catch {
    // The text is not told: it may be the token.
  }
  return { ok: false, error: 'the lookup answered no JSON object', isFinal: true }
}

/** Runs a program without a shell, its question on standard input, within the time-out. */
function runCommand(command: readonly string[], question: string, outside: Outside): Promise<Text> {
  const [program, ...argv] = command as [string, ...string[]]
  return new Promise(done => {
    const child = spawn(program, argv, {
      cwd: outside.root,
      env: { ...outside.env },
      stdio: ['pipe', 'pipe', 'ignore'],
      timeout: outside.timeoutMs,
      killSignal: 'SIGKILL',
    })
    const pieces: Buffer[] = []
    let size = 0
    child.stdout.on('data', (piece: Buffer) => {
      size += piece.length
      if (size > MOST_BYTES) child.kill('SIGKILL')
      else pieces.push(piece)
    })
    child.on('error', error => {
      const code = 'code' in error ? String(error.code) : error.name
      done({ ok: false, error: `the lookup ${safeLine(program, 100)} did not start (${code})` })
    })
    child.on('close', (code, signal) => {
      if (code === 0) done({ ok: true, text: Buffer.concat(pieces).toString() })
      else done({ ok: false, error: `the lookup ended with ${signal ?? `exit code ${code}`}` })
    })
    // A program that does not read its input closes it early.
    child.stdin.on('error', () => {})
    child.stdin.end(`${question}\n`)
  })
}

import type { AdapterOf } from '../../schema/playbooks.ts'
import { type Adapter, refused } from '../adapter.ts'
import { basic, call, checkUrl } from '../http.ts'
import { openLookup } from '../lookup.ts'
import { type Outside, secretOf } from '../outside.ts'

/**
 * OAuth 2.0 Token Revocation (RFC 7009): the token in a form, the client by HTTP Basic. Keyhound has no tokens; what is sent is what
 * the lookup answers, or the token id, for servers that revoke by id.
 */
export function openOauthAdapter(config: AdapterOf<'oauth-revocation'>, outside: Outside): Adapter {
  const owner = `adapter "${config.name}"`
  checkUrl(config.url, config.allowHttp, owner)
  const secret = secretOf(outside, config.secretEnv, owner)
  const lookup = config.lookup && openLookup(config.lookup, outside, owner)
  return {
    async execute(request) {
      const found = lookup && (await lookup(request))
      if (found && !found.ok) return found
      const token = found ? found.answer.token : request.alert.tokenId
      if (typeof token !== 'string' || token === '') return refused('the lookup answered no "token"')
      const answer = await call(outside, {
        url: config.url,
        headers: {
          'content-type': 'application/x-www-form-urlencoded',
          accept: 'application/json',
          authorization: basic(formEncode(config.clientId), formEncode(secret)),
        },
        body: new URLSearchParams({ token, token_type_hint: config.tokenTypeHint }).toString(),
        secrets: found ? [secret, token] : [secret],
      })
      // Section 2.2: a server says 200 for tokens that it does not know as well.
      return answer.ok ? { ok: true, detail: { answered: answer.status } } : answer
    },
  }
}

/** RFC 6749, section 2.3.1: id and secret are form-encoded before they become user and password. */
function formEncode(text: string): string {
  return new URLSearchParams({ x: text }).toString().slice(2)
}

import type { AdapterOf } from '../../schema/playbooks.ts'
import { type Adapter, refused } from '../adapter.ts'
import { basic, call, checkUrl } from '../http.ts'
import { openLookup } from '../lookup.ts'
import { type Outside, secretOf } from '../outside.ts'
import { GITHUB_HEADERS } from './github.ts'

/**
 * Deletes a token of an OAuth app or a GitHub App's user (`gho_`, `ghu_`): `DELETE /applications/{client_id}/token`, authenticated as
 * the app. GitHub wants the token itself, which the lookup has to know.
 */
export function openGithubAppAdapter(config: AdapterOf<'github-app-token'>, outside: Outside): Adapter {
  const owner = `adapter "${config.name}"`
  checkUrl(config.url, config.allowHttp, owner)
  const secret = secretOf(outside, config.secretEnv, owner)
  const lookup = openLookup(config.lookup, outside, owner)
  return {
    async execute(request) {
      const found = await lookup(request)
      if (!found.ok) return found
      const { token } = found.answer
      if (typeof token !== 'string' || token === '') return refused('the lookup answered no "token"')
      const answer = await call(outside, {
        method: 'DELETE',
        url: `${config.url.replace(/\/+$/, '')}/applications/${encodeURIComponent(config.clientId)}/token`,
        headers: { ...GITHUB_HEADERS, authorization: basic(config.clientId, secret) },
        body: JSON.stringify({ access_token: token }),
        secrets: [secret, token],
      })
      return answer.ok ? { ok: true, detail: { answered: answer.status } } : answer
    },
  }
}

import type { AdapterOf } from '../../schema/playbooks.ts'
import { type Adapter, refused } from '../adapter.ts'
import { call, checkUrl } from '../http.ts'
import { openLookup } from '../lookup.ts'
import { type Outside, secretOf } from '../outside.ts'
import { GITHUB_HEADERS } from './github.ts'

/**
 * Takes a fine-grained personal access token's access to an organisation away:
 * `POST /orgs/{org}/personal-access-tokens/{pat_id}`, which only GitHub Apps may call. GitHub names tokens by number here.
 */
export function openGithubPatAdapter(config: AdapterOf<'github-org-pat'>, outside: Outside): Adapter {
  const owner = `adapter "${config.name}"`
  checkUrl(config.url, config.allowHttp, owner)
  const secret = secretOf(outside, config.secretEnv, owner)
  const lookup = config.lookup && openLookup(config.lookup, outside, owner)
  return {
    async execute(request) {
      const found = lookup && (await lookup(request))
      if (found && !found.ok) return found
      const patId = String(found ? found.answer.patId : request.alert.tokenId)
      if (!/^\d{1,15}$/.test(patId)) {
        return refused(
          found
            ? 'the lookup answered no number as "patId"'
            : 'the token id is not the number by which GitHub knows the token; give the adapter a lookup',
        )
      }
      const answer = await call(outside, {
        url: `${config.url.replace(/\/+$/, '')}/orgs/${config.organization}/personal-access-tokens/${patId}`,
        headers: { ...GITHUB_HEADERS, authorization: `Bearer ${secret}` },
        body: JSON.stringify({ action: 'revoke' }),
        secrets: [secret],
      })
      return answer.ok ? { ok: true, detail: { answered: answer.status, patId } } : answer
    },
  }
}

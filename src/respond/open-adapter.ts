import type { AdapterConfig } from '../schema/playbooks.ts'
import type { Adapter } from './adapter.ts'
import { openAwsIamAdapter } from './adapters/aws-iam.ts'
import { openEmailAdapter } from './adapters/email.ts'
import { openGithubAppAdapter } from './adapters/github-app-token.ts'
import { openGithubPatAdapter } from './adapters/github-org-pat.ts'
import { openOauthAdapter } from './adapters/oauth-revocation.ts'
import { openWebhookAdapter } from './adapters/webhook.ts'
import type { Outside } from './outside.ts'

/** Opens an adapter of any kind; nothing is done. Throws `usage` when a secret is missing or the way there is not safe. */
export function openAdapter(config: AdapterConfig, outside: Outside): Adapter {
  switch (config.kind) {
    case 'webhook':
      return openWebhookAdapter(config, outside)
    case 'oauth-revocation':
      return openOauthAdapter(config, outside)
    case 'aws-iam':
      return openAwsIamAdapter(config, outside)
    case 'github-app-token':
      return openGithubAppAdapter(config, outside)
    case 'github-org-pat':
      return openGithubPatAdapter(config, outside)
    case 'email':
      return openEmailAdapter(config, outside)
  }
}

/** What an action would do, for people who approve it. */
export function describeAction({ kind, name }: AdapterConfig, action: string, tokenId: string): string {
  switch (kind) {
    case 'webhook':
      return `ask "${name}" to ${action} token ${tokenId}`
    case 'oauth-revocation':
      return `revoke token ${tokenId} at its authorization server`
    case 'aws-iam':
      return `deactivate the access key of token ${tokenId}`
    case 'github-app-token':
      return `delete app token ${tokenId} at GitHub`
    case 'github-org-pat':
      return `take the organisation's access from personal access token ${tokenId} at GitHub`
    case 'email':
      return `tell the owner of token ${tokenId} how to rotate it`
  }
}

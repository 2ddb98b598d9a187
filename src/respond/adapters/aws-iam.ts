import type { AdapterOf } from '../../schema/playbooks.ts'
import { type ActionOutcome, type Adapter, refused } from '../adapter.ts'
import { checkUrl } from '../http.ts'
import { openLookup } from '../lookup.ts'
import { type Outside, safeLine } from '../outside.ts'

/**
 * Deactivates an IAM user's access key, and activates it again to undo: `UpdateAccessKey` after `GetAccessKeyLastUsed` has said
 * whose key it is. Needs `iam:UpdateAccessKey` and `iam:GetAccessKeyLastUsed`.
 */
export function openAwsIamAdapter(config: AdapterOf<'aws-iam'>, outside: Outside): Adapter {
  const owner = `adapter "${config.name}"`
  if (config.endpoint !== undefined) checkUrl(config.endpoint, false, owner)
  const lookup = config.lookup && openLookup(config.lookup, outside, owner)
  return {
    async execute(request) {
      const found = lookup && (await lookup(request))
      if (found && !found.ok) return found
      const accessKeyId = found ? found.answer.accessKeyId : request.alert.tokenId
      const problem = problemOf(accessKeyId, outside.env[config.accessKeyIdEnv])
      if (problem !== null) return refused(problem)
      return setStatus(config, outside, String(accessKeyId), 'Inactive')
    },
    async undo(_, { accessKeyId }) {
      const problem = problemOf(accessKeyId, undefined)
      if (problem !== null) return refused(problem)
      return setStatus(config, outside, String(accessKeyId), 'Active')
    },
  }
}

/** Why a key cannot be deactivated; null when it can. */
function problemOf(accessKeyId: unknown, own: string | undefined): string | null {
  if (typeof accessKeyId !== 'string' || !/^[A-Z0-9]{16,128}$/.test(accessKeyId)) {
    return 'this is no access key id (AKIA...); score logs with `--tokens identifier` or give the adapter a lookup that answers "accessKeyId"'
  }
  if (accessKeyId.startsWith('ASIA')) {
    return 'temporary credentials (ASIA...) cannot be deactivated; revoke the sessions of their role'
  }
  return accessKeyId === own ? 'this is the key that Keyhound itself works with' : null
}

async function setStatus(
  config: AdapterOf<'aws-iam'>,
  outside: Outside,
  accessKeyId: string,
  status: 'Active' | 'Inactive',
): Promise<ActionOutcome> {
  // Some 150 modules that nobody else needs.
  const { GetAccessKeyLastUsedCommand, IAMClient, UpdateAccessKeyCommand } = await import(
    '@aws-sdk/client-iam'
  )
  const { region, endpoint } = config
  const credentials = credentialsOf(config, outside)
  const client = new IAMClient({
    region,
    ...(endpoint !== undefined && { endpoint }),
    // Without: the SDK's own search, which finds the role of the machine.
    ...(credentials && { credentials }),
    maxAttempts: 2,
    requestHandler: { connectionTimeout: outside.timeoutMs, requestTimeout: outside.timeoutMs },
  })
  try {
    const { UserName } = await client.send(new GetAccessKeyLastUsedCommand({ AccessKeyId: accessKeyId }))
    // Without a name IAM would take the caller for the owner.
    if (!UserName)
      return refused('IAM names no user for this access key; keys of the root user are beyond IAM')
    await client.send(new UpdateAccessKeyCommand({ UserName, AccessKeyId: accessKeyId, Status: status }))
    return { ok: true, detail: { accessKeyId, userName: UserName, status } }
  } catch (error) {
    return awsFailure(error)
  } finally {
    client.destroy()
  }
}

function credentialsOf(config: AdapterOf<'aws-iam'>, { env }: Outside) {
  const accessKeyId = env[config.accessKeyIdEnv]
  const secretAccessKey = env[config.secretEnv]
  const sessionToken = env[config.sessionTokenEnv]
  if (!accessKeyId || !secretAccessKey) return undefined
  return { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) }
}

/** The name and message of a service's error; of the platform's only the name. */
function awsFailure(error: unknown): ActionOutcome {
  if (!(error instanceof Error)) return refused('no connection', false)
  const { $metadata } = error as Error & { $metadata?: { httpStatusCode?: number } }
  const status = $metadata?.httpStatusCode
  if (status === undefined) {
    const code = 'code' in error ? String(error.code) : error.name
    return refused(`no connection (${code})`, false)
  }
  const isFinal = status >= 400 && status < 500 && !/Throttling/.test(error.name)
  return refused(`IAM answered ${error.name}: ${safeLine(error.message, 200)}`, isFinal)
}

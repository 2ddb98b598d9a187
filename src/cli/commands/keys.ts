import type { Command } from 'commander'
import type { ApiKey } from '../../state/api-keys.ts'
import { ROLES, type Role } from '../../state/tables.ts'
import type { Cli } from '../cli.ts'
import { minute, printable, table } from '../format.ts'
import { choice, examples } from '../options.ts'
import type { Shell } from '../shell.ts'

/** `keyhound keys`: who may use the HTTP API. */
export function defineKeys(cli: Cli): void {
  const keys = cli.program
    .command('keys')
    .summary('keys of the HTTP API: create, list, revoke')
    .description(
      'A key says who calls the HTTP API and what they may do: viewer reads, analyst judges as well, scorer sends events, admin\n' +
        'does everything. Only a hash of a key is kept, so it is shown once, when it is made.',
    )
  defineCreate(cli, keys)
  defineList(cli, keys)
  defineRevoke(cli, keys)
}

function defineCreate({ run }: Cli, keys: Command): void {
  const command = keys
    .command('create')
    .summary('make a key and show it, once')
    .argument('<name>', 'whose it is, or what for')
    .addOption(choice('--role <role>', 'what it may do', ROLES, 'viewer'))
    .option('--tenant <id>', 'only for this tenant (default: for all)')
    .addHelpText(
      'after',
      examples([
        ['For a dashboard', 'keyhound keys create dashboard'],
        [
          "For a gateway that sends one tenant's events, straight into a secret store",
          'keyhound keys create gateway --role scorer --tenant acme --json | jq -r .key | vault kv put secret/keyhound key=-',
        ],
      ]),
    )
  command.action((name: string, options: { role: Role; tenant?: string }) =>
    run(command, async shell => {
      const { withState } = await import('../../state/state.ts')
      const { createApiKey } = await import('../../state/api-keys.ts')
      const made = await withState(await shell.workspace(), state =>
        createApiKey(state, { name, role: options.role, tenantId: options.tenant ?? null }, byOf(shell)),
      )
      shell.note('the key is shown this once; whoever has it may do what it may')
      await shell.result(made, () => made.key)
      return undefined
    }),
  )
}

function defineList({ run }: Cli, keys: Command): void {
  const command = keys
    .command('list')
    .summary('every key, revoked ones included')
    .addHelpText('after', examples([['Who may use the API', 'keyhound keys list']]))
  command.action(() =>
    run(command, async shell => {
      const { hasState, withState } = await import('../../state/state.ts')
      const { listApiKeys } = await import('../../state/api-keys.ts')
      const workspace = await shell.workspace()
      const all = hasState(workspace) ? await withState(workspace, listApiKeys) : []
      await shell.result(all, () => (all.length === 0 ? 'no keys' : keyTable(all, shell)))
      return undefined
    }),
  )
}

function defineRevoke({ run }: Cli, keys: Command): void {
  const command = keys
    .command('revoke')
    .summary('end a key, now and for good')
    .argument('<id>', 'its id, as `keyhound keys list` shows it: the part after kh_')
    .addHelpText('after', examples([['It was seen in a repository', 'keyhound keys revoke 4f1c09d2a7be']]))
  command.action((id: string) =>
    run(command, async shell => {
      const { withState } = await import('../../state/state.ts')
      const { revokeApiKey } = await import('../../state/api-keys.ts')
      const revoked = await withState(await shell.workspace(), state => revokeApiKey(state, id, byOf(shell)))
      await shell.result(revoked, () => `key ${revoked.keyId} (${printable(revoked.name)}) is revoked`)
      return undefined
    }),
  )
}

function byOf(shell: Shell) {
  return { actor: shell.actor, at: shell.effects.now() }
}

function keyTable(all: readonly ApiKey[], shell: Shell): string {
  const moment = (time: Date | null) => (time === null ? '-' : minute(time))
  return table(
    ['id', 'name', 'role', 'tenant', 'made (UTC)', 'by', 'last used', 'revoked'],
    all.map(key => [
      key.keyId,
      printable(key.name),
      key.role,
      key.tenantId === null ? 'all' : printable(key.tenantId),
      minute(key.createdAt),
      printable(key.createdBy),
      moment(key.lastUsedAt),
      moment(key.revokedAt),
    ]),
    shell.colors,
  )
}

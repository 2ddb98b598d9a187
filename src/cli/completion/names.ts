import type { Shell } from '../shell.ts'
import type { Expected, NameKind, Suggestion } from './words.ts'

/** Alerts offered: more than fit on a screen help nobody. */
const MOST_ALERTS = 40

/** Names of a kind in the workspace that was typed. Whatever goes wrong, nothing is offered and nothing is said. */
export async function findNames(
  kind: NameKind,
  { workspace, config }: Pick<Expected, 'workspace' | 'config'>,
  shell: Shell,
): Promise<Suggestion[]> {
  try {
    return await FINDERS[kind](shell, shell.path(workspace ?? '.'), config)
  } catch {
    return []
  }
}

type Finder = (shell: Shell, workspace: string, config: string | undefined) => Promise<Suggestion[]>

const FINDERS: Readonly<Record<NameKind, Finder>> = {
  async model(_, workspace) {
    const { openWorkspace } = await import('../../sql/workspace.ts')
    const { listModels } = await import('../../pipeline/models.ts')
    const models = listModels(openWorkspace(workspace))
    const names = [...new Set(models.map(one => one.model.split('@')[0]!))]
    return [
      ...names.map(value => ({ value, description: 'the version in use' })),
      ...models.map(one => ({ value: one.model, description: `until ${one.until.slice(0, 10)}` })),
    ]
  },
  async alert(shell, workspace) {
    const { listAlerts } = await import('../../pipeline/triage.ts')
    const context = await shell.context({ workspace, mustExist: true })
    const alerts = await listAlerts(context, { status: 'open', limit: MOST_ALERTS })
    return alerts.map(alert => ({ value: alert.alertId, description: alert.title }))
  },
  sink: (shell, _, config) => sinks(shell, config, () => true),
  'email-sink': (shell, _, config) => sinks(shell, config, kind => kind === 'email'),
  async setting() {
    const { describeConfig } = await import('../../schema/config.ts')
    const settings = describeConfig()
    const groups = [...new Set(settings.map(({ path }) => path.split('.')[0]!))]
    return [
      ...groups.map(value => ({ value, description: '' })),
      ...settings
        .filter(({ path }) => path.includes('.'))
        .map(one => ({ value: one.path, description: one.unit })),
    ]
  },
}

async function sinks(
  shell: Shell,
  config: string | undefined,
  isWanted: (kind: string) => boolean,
): Promise<Suggestion[]> {
  if (config === undefined) return []
  const { loadConfig } = await import('../../schema/config.ts')
  const result = loadConfig(shell.path(config))
  if (!result.ok) return []
  return result.config.sinks
    .filter(({ kind }) => isWanted(kind))
    .map(({ name, kind }) => ({ value: name, description: kind }))
}

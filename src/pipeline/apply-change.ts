import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { KeyhoundError } from '../lib/errors.ts'
import type { Change } from '../schema/change.ts'
import { defaultConfig, parseConfig } from '../schema/config.ts'
import type { ReplayReport } from '../schema/replay.ts'
import { publish } from '../sql/workspace.ts'
import { recordAudit } from '../state/audit.ts'
import { withState } from '../state/state.ts'
import { addSuppression, removeSuppression } from '../state/suppressions.ts'
import type { Context } from './context.ts'

export interface ApplyOptions {
  /** The configuration file in use; the budget is written there. */
  configFile: string | undefined
  /** Who owns suppressions that name nobody. */
  owner: string
  /** Apply though known incidents are lost. @default false */
  acceptLost?: boolean
}

const DAY_MS = 86_400_000

/**
 * Parts of a change that a file or the state database holds can be applied: the budget (however it was said), minutes and days of
 * `config.alerts`, and suppressions. Throws 'usage' for the others, before anything is replayed.
 */
export function checkApplicable(change: Change, configFile: string | undefined): void {
  const problems: string[] = []
  const elsewhere: [keyof Change, string][] = [
    ['features', 'leaving features out is an experiment'],
    ['entity', 'the entity is fixed'],
    ['model', 'scoring takes --model'],
    ['retrain', 'run keyhound train'],
  ]
  for (const [part, instead] of elsewhere)
    if (change[part] !== undefined) problems.push(`${part}: ${instead}`)
  for (const part of ['seed', 'forest'])
    if (change.config?.[part] !== undefined)
      problems.push(`config.${part}: change the configuration and run keyhound train`)
  if (problems.length > 0)
    throw new KeyhoundError('usage', `not all of this change can be applied: ${problems.join('; ')}`)
  if (changesConfig(change) && configFile === undefined)
    throw new KeyhoundError(
      'usage',
      '--apply writes the budget into the configuration file; name it with --config (it is made when it does not exist)',
    )
}

/** Applies a change that was replayed; answers what was done, a line each. Throws 'conflict' where known incidents are lost. */
export async function applyChange(
  context: Context,
  { change, after, incidents }: ReplayReport,
  { configFile, owner, acceptLost = false }: ApplyOptions,
): Promise<string[]> {
  if (incidents.lost.length > 0 && !acceptLost) {
    throw new KeyhoundError(
      'conflict',
      `nothing was applied: the change loses ${incidents.lost.length} known incidents (${incidents.lost.map(one => one.incidentId).join(', ')}). With --accept-lost it is applied all the same`,
    )
  }
  const done: string[] = []
  const by = { actor: context.actor ?? owner, at: context.now }
  if (changesConfig(change)) {
    done.push(await applyConfig(configFile!, change, after.budgetPerDay))
    const details = {
      alerts: { ...(change.config?.alerts as object | undefined), budgetPerDay: after.budgetPerDay },
    }
    const line = { action: 'config.apply', subject: `config:${configFile}`, details }
    await withState(context.workspace, state => recordAudit(state, line, by))
  }
  const { add = [], remove = [] } = change.suppressions ?? {}
  if (add.length + remove.length === 0) return done
  const days = (context.config ?? defaultConfig()).alerts.suppressionDays
  await withState(context.workspace, async state => {
    for (const id of remove) {
      await removeSuppression(state, id, by)
      done.push(`suppression ${id} is ended`)
    }
    for (const { days: own, owner: named, ...suppression } of add) {
      const expiresAt = new Date(context.now.getTime() + (own ?? days) * DAY_MS)
      const id = await addSuppression(
        state,
        { ...suppression, owner: named ?? owner, createdAt: context.now, expiresAt },
        context.actor,
      )
      done.push(`suppression ${id} is in force until ${expiresAt.toISOString()}, from the next scoring on`)
    }
  })
  return done
}

/** Whether a change says anything that the configuration file holds. */
export function changesConfig({ budget, riskThreshold, scoreThreshold, config }: Change): boolean {
  return [budget, riskThreshold, scoreThreshold, config?.alerts].some(part => part !== undefined)
}

/** Writes the budget, and what else the change says of alerts, into the configuration; all else in the file stays. */
async function applyConfig(file: string, change: Change, budgetPerDay: number): Promise<string> {
  const held = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Record<string, object>) : {}
  const alerts = { ...held.alerts, ...(change.config?.alerts as object | undefined), budgetPerDay }
  const config = { ...held, alerts }
  const result = parseConfig(config)
  if (!result.ok) {
    const problems = result.problems.map(({ path, problem }) => `${path}: ${problem}`)
    throw new KeyhoundError(
      'bad-input',
      `${file} was not written: the change comes to ${JSON.stringify(alerts)}, of which ${problems.join('; ')}`,
    )
  }
  await publish(file, temporary => writeFileSync(temporary, `${JSON.stringify(config, null, 2)}\n`))
  return `${file}: alerts.budgetPerDay is ${budgetPerDay}`
}

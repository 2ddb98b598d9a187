import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { KeyhoundError, messageOf } from '../../lib/errors.ts'
import type { Check } from '../../schema/doctor.ts'
import { listDays } from '../../sql/workspace.ts'
import { driftUpTo, type ModelDrift } from '../drift/drift.ts'
import { checkContent } from '../model-content.ts'
import {
  listVersions,
  loadModel,
  type Model,
  refuseOtherFeatures,
  showModel,
  usedVersion,
} from '../models.ts'
import { catalogueOf } from '../own-features.ts'
import { type DoctorContext, fail, ok, some, warn } from './check.ts'

const RESTORE = 'restore the folder from a backup, or train again: keyhound train'

export async function checkModels(context: DoctorContext): Promise<Check[]> {
  const { workspace } = context
  const names = existsSync(workspace.models)
    ? readdirSync(workspace.models, { withFileTypes: true })
        .filter(entry => entry.isDirectory() && listVersions(workspace, entry.name).length > 0)
        .map(entry => entry.name)
    : []
  if (names.length === 0)
    return [warn('model', 'no model: nothing can be scored', workspace.models, 'keyhound train')]
  const checks: Check[] = []
  for (const name of names) checks.push(...(await checkName(context, name)))
  return checks
}

/** The version in use in full, the others by their checksums. */
async function checkName(context: DoctorContext, name: string): Promise<Check[]> {
  const { workspace } = context
  const checks: Check[] = []
  const versions = listVersions(workspace, name)
  let used: number | undefined
  try {
    used = usedVersion(workspace, name)
  } catch (error) {
    checks.push(
      fail(
        'model',
        messageOf(error),
        join(workspace.models, name),
        'promote a version anew: keyhound models promote NAME@VERSION',
      ),
    )
  }
  if (used !== undefined && !versions.includes(used))
    checks.push(
      fail(
        'model',
        `${name}@${used} is promoted, and not there`,
        join(workspace.models, name),
        'restore it, or promote another: keyhound models promote NAME@VERSION',
      ),
    )
  for (const version of versions) {
    const reference = `${name}@${version}`
    const folder = join(workspace.models, name, String(version))
    try {
      if (version !== used) {
        checkContent(folder, showModel(workspace, reference))
        continue
      }
      checks.push(...(await checkUsed(context, await loadModel(workspace, reference), folder)))
    } catch (error) {
      checks.push(fail('model', `${reference} cannot be loaded: ${messageOf(error)}`, folder, RESTORE))
    }
  }
  const isSound = checks.every(check => check.check !== 'model')
  return isSound
    ? [
        ok(
          'model',
          `${some(versions.length, 'version')} of ${name}, ${name}@${used} in use; every checksum is right`,
          join(workspace.models, name),
        ),
        ...checks,
      ]
    : checks
}

async function checkUsed(context: DoctorContext, model: Model, folder: string): Promise<Check[]> {
  const { name, version } = model.manifest
  const reference = `${name}@${version}`
  const checks: Check[] = []
  try {
    refuseOtherFeatures(model, catalogueOf(context))
    checks.push(ok('features', `${reference} reads the features that this Keyhound makes`))
  } catch (error) {
    if (!(error instanceof KeyhoundError)) throw error
    checks.push(fail('features', error.message, folder, 'train again: keyhound train'))
    return checks
  }
  const lastDay = listDays(context.workspace.scores).at(-1)
  const drift = lastDay === undefined ? null : driftUpTo(context, model, lastDay)
  if (drift === null) return checks
  checks.push(checkDrift(drift, context.config.drift.warnAbove, folder))
  return checks
}

export function checkDrift(
  {
    model,
    from,
    to,
    weighted,
    isBeyond,
  }: Pick<ModelDrift, 'model' | 'from' | 'to' | 'weighted' | 'isBeyond'>,
  warnAbove: number,
  folder: string,
): Check {
  const what = `drift of ${model} over ${from} to ${to}: ${weighted.toFixed(2)}, bound ${warnAbove}`
  if (!isBeyond) return ok('drift', what)
  return warn(
    'drift',
    what,
    folder,
    'train again and compare: keyhound train, keyhound models compare; what moved: keyhound models drift',
  )
}

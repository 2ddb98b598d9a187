import { existsSync } from 'node:fs'
import { messageOf } from '../../lib/errors.ts'
import { CHECK_LEVELS, type Check, type DoctorReport } from '../../schema/doctor.ts'
import { type DoctorContext, fail } from './check.ts'
import { checkFiles } from './files.ts'
import { checkInstallation } from './installation.ts'
import { checkModels } from './models.ts'
import { checkState } from './state.ts'
import { checkTables } from './tables.ts'

const PARTS = {
  installation: checkInstallation,
  files: checkFiles,
  state: checkState,
  tables: checkTables,
  models: checkModels,
} as const

/**
 * Looks a workspace over and says what is wrong and what to do about it. Writes nothing. `before` are findings of whoever calls, such as a
 * configuration that cannot be read. A check that itself fails is a finding: one that is damaged must not hide the others.
 */
export async function examine(context: DoctorContext, before: readonly Check[] = []): Promise<DoctorReport> {
  const checks: Check[] = [...before]
  const { root } = context.workspace
  if (!existsSync(root)) {
    checks.push(
      fail(
        'layout',
        'there is no such folder',
        root,
        'name the workspace with --workspace, or begin one: keyhound ingest PATH',
      ),
    )
  } else {
    context.progress.start('doctor', Object.keys(PARTS).length)
    for (const [part, look] of Object.entries(PARTS)) {
      try {
        checks.push(...(await look(context)))
      } catch (error) {
        checks.push(
          fail(
            part,
            `could not be looked at: ${messageOf(error)}`,
            root,
            'run it with --debug, and tell us: this is a fault of Keyhound',
          ),
        )
      }
      context.progress.step(1, part)
    }
    context.progress.done()
  }
  const level = CHECK_LEVELS.findLast(one => checks.some(check => check.level === one)) ?? 'ok'
  return { workspace: root, checks, level }
}

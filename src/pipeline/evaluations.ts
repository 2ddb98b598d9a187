import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import type { EvaluationReport } from '../schema/evaluation.ts'
import type { Workspace } from '../sql/workspace.ts'

/** A report of an evaluation, and where it lies below the workspace. */
export interface FoundEvaluation {
  readonly file: string
  readonly report: EvaluationReport
}

const REPORT_FILE = 'report.json'

/**
 * Reports of evaluations that lie in the workspace, newest first: `evaluate --out` writes them where it is told, so those in its folders
 * `report...` and one level below are found. Files that are none of ours are passed over.
 */
export function listEvaluations({ root }: Workspace): FoundEvaluation[] {
  if (!existsSync(root)) return []
  const folders = foldersIn(root).filter(folder => /^report/i.test(folder))
  const candidates = folders.flatMap(folder => [
    folder,
    ...foldersIn(join(root, folder)).map(name => join(folder, name)),
  ])
  return candidates
    .map(folder => join(root, folder, REPORT_FILE))
    .filter(existsSync)
    .flatMap(file => {
      const report = readReport(file)
      return report === null ? [] : [{ file: relative(root, file), report }]
    })
    .sort((a, b) => b.report.createdAt.localeCompare(a.report.createdAt))
}

/** The newest evaluation of a model alone, `name@version`: figures of several models together are no one's. */
export function findEvaluation(workspace: Workspace, model: string): FoundEvaluation | null {
  const alone = ({ report: { models } }: FoundEvaluation) => models.length === 1 && models[0] === model
  return listEvaluations(workspace).find(alone) ?? null
}

function foldersIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter(entry => entry.isDirectory())
    .map(entry => entry.name)
}

function readReport(file: string): EvaluationReport | null {
  try {
    const report = JSON.parse(readFileSync(file, 'utf8')) as EvaluationReport
    return report.formatVersion === 1 && Array.isArray(report.rankings) ? report : null
  } catch {
    return null
  }
}

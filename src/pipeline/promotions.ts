import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { KeyhoundError, messageOf } from '../lib/errors.ts'
import { publish, type Workspace } from '../sql/workspace.ts'

/** One promotion: who made which version the one that `score` uses, when, and why. */
export interface Promotion {
  readonly name: string
  readonly version: number
  /** Of the promoted version. */
  readonly contentId: string
  /** The version used until then. */
  readonly replaced: number
  /** ISO 8601, UTC. */
  readonly at: string
  readonly who: string
  /** What the gate found, or why it was overruled. */
  readonly because: string
  /** pinned: the version was in use already, and stays when newer ones come. */
  readonly how: 'gate' | 'forced' | 'pinned'
}

const PROMOTED_FILE = 'promoted.json'
const LOG_FILE = 'promotions.jsonl'

/** The promotion that stands for a name; null where none was made. Throws `corrupt-artefact` for a file that is none of ours. */
export function readPromoted(workspace: Workspace, name: string): Promotion | null {
  const file = join(workspace.models, name, PROMOTED_FILE)
  if (!existsSync(file)) return null
  try {
    const found = JSON.parse(readFileSync(file, 'utf8')) as Promotion
    if (Number.isInteger(found.version) && found.version >= 1) return found
    throw new Error('it names no version')
  } catch (error) {
    throw new KeyhoundError(
      'corrupt-artefact',
      `${file} cannot be read (${messageOf(error)}); name a version, or promote one anew: keyhound models promote`,
      { where: file, cause: error },
    )
  }
}

/** Makes a promotion stand, then adds it to the log; {@link listPromotions} knows one that a killed run did not log. */
export async function writePromotion(workspace: Workspace, promotion: Promotion): Promise<void> {
  const folder = join(workspace.models, promotion.name)
  mkdirSync(folder, { recursive: true })
  const log = (one: Promotion) => appendFileSync(join(folder, LOG_FILE), `${JSON.stringify(one)}\n`)
  listPromotions(workspace, promotion.name).slice(readLog(folder).length).forEach(log)
  await publish(join(folder, PROMOTED_FILE), temporary =>
    writeFileSync(temporary, `${JSON.stringify(promotion, null, 2)}\n`),
  )
  log(promotion)
}

/** Every promotion of a name, oldest first. */
export function listPromotions(workspace: Workspace, name: string): Promotion[] {
  const logged = readLog(join(workspace.models, name))
  const standing = readPromoted(workspace, name)
  const isLogged = standing === null || isDeepStrictEqual(logged.at(-1), standing)
  return isLogged ? logged : [...logged, standing]
}

function readLog(folder: string): Promotion[] {
  const file = join(folder, LOG_FILE)
  if (!existsSync(file)) return []
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line) as Promotion)
}

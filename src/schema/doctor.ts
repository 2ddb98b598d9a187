export const CHECK_LEVELS = ['ok', 'warn', 'fail'] as const
/** ok: nothing to do; warn: works, but somebody should look; fail: something does not work, or leaks. */
export type CheckLevel = (typeof CHECK_LEVELS)[number]

/** One finding about a workspace. */
export interface Check {
  /** Stable, kebab-case: `key-file`. */
  readonly check: string
  readonly level: CheckLevel
  /** One sentence: what was found. */
  readonly what: string
  /** File, folder or table; null where it is the whole. */
  readonly where: string | null
  /** What to do; null where there is nothing. */
  readonly todo: string | null
}

/** What the doctor found of a workspace, check by check. */
export interface DoctorReport {
  readonly workspace: string
  readonly checks: readonly Check[]
  /** The gravest of the checks. */
  readonly level: CheckLevel
}

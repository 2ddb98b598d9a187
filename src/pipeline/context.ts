import type { Catalogue } from '../features/catalogue.ts'
import type { Config } from '../schema/config.ts'
import type { Progress } from '../schema/run.ts'
import type { Engine } from '../sql/duckdb.ts'
import type { Workspace } from '../sql/workspace.ts'

/** What every stage is given: where to work, with what, how to report, and what time it is. */
export interface Context {
  readonly engine: Engine
  readonly workspace: Workspace
  readonly progress: Progress
  readonly now: Date
  /** What time it is while a stage works: for leases, run records and the watermark. @default `now`, and what has passed since the stage began */
  readonly clock?: () => Date
  /** How long to wait for another run on the same workspace, ms. @default 0: fail at once */
  readonly waitMs?: number
  /** Who the audit trail names for what is changed. @default the name given with the change */
  readonly actor?: string
  /** @default the defaults of the configuration schema */
  readonly config?: Config
  /** Features that rows are made of: those of `loadFeatures` or `ownFeatures`. @default the built-in ones */
  readonly catalogue?: Catalogue
}

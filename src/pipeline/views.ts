import { FEATURES } from '../features/catalogue.ts'
import { COUNT_COLUMNS, FACET_COLUMNS, WINDOW_KEY } from '../schema/activity.ts'
import { type Column, EVENT_COLUMNS, REJECT_COLUMNS } from '../schema/event.ts'
import { FEATURE_KEY } from '../schema/features.ts'
import { ALERT_COLUMNS, SCORE_COLUMNS } from '../schema/scores.ts'
import { DETECTOR_NAMES } from '../scoring/score-windows.ts'
import type { Engine } from '../sql/duckdb.ts'
import { createView, type Workspace } from '../sql/workspace.ts'

/** Every table of a workspace that SQL can reach, with its columns. */
export const TABLES: Readonly<
  Record<string, { folder: (workspace: Workspace) => string; columns: readonly Column[] }>
> = {
  events: { folder: workspace => workspace.events, columns: EVENT_COLUMNS },
  rejects: { folder: workspace => workspace.rejects, columns: REJECT_COLUMNS },
  activity: { folder: workspace => workspace.activity, columns: [...WINDOW_KEY, ...COUNT_COLUMNS] },
  facets: { folder: workspace => workspace.facets, columns: FACET_COLUMNS },
  features: {
    folder: workspace => workspace.features,
    columns: [
      ...FEATURE_KEY,
      ...FEATURES.map(feature => ({ name: feature.name, type: 'FLOAT', doc: feature.doc })),
    ],
  },
  scores: {
    folder: workspace => workspace.scores,
    columns: [
      ...SCORE_COLUMNS,
      ...DETECTOR_NAMES.map(name => ({ name: `detector_${name}`, type: 'DOUBLE', doc: '' })),
    ],
  },
  alerts: { folder: workspace => workspace.alerts, columns: ALERT_COLUMNS },
}

/** Creates a view for each table; tables without files are empty. */
export async function openViews(engine: Engine, workspace: Workspace): Promise<void> {
  for (const [name, { folder, columns }] of Object.entries(TABLES)) {
    await createView(engine, name, folder(workspace), columns)
  }
}

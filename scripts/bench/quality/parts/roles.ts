import { mean } from '../../../../src/lib/stats.ts'
import type { Engine } from '../../../../src/sql/duckdb.ts'
import { progress, significant } from '../../lib.ts'
import {
  PLANTED_SETS,
  REAL_SETS,
  rankViolations,
  readPlantedRoles,
  readUsers,
  recoverRoles,
  type ViolationRanking,
} from '../role-mining.ts'
import type { QualityRow, QualityTable } from '../row.ts'
import { atLeast, type Measured, type Part, withEngine } from './part.ts'

export const ROLES: Part = {
  title: 'Roles and violations',
  about:
    'role_mining_hp. Planted roles: a role counts only where every permission is right. Violations: a permission that only other people hold, planted into windows of real users, among windows with a permission of their own that training did not see; the reference judges a permission by how many hold it. Held out: no constant of the detector was chosen on the set.',
  dataset: 'role_mining_hp',
  measure: () => withEngine(measureRoles),
}

/** Seeds of what is planted where; every figure of violations is a mean over them. */
const SEEDS = [1, 2, 3, 4, 5]

async function measureRoles(engine: Engine): Promise<Measured> {
  const roles = await measurePlanted(engine)
  const violations = await measureViolations(engine)
  return {
    rows: [...withWorst(roles.rows), meanOf(violations.rows), ...violations.rows],
    tables: [roles.table, violations.table],
  }
}

interface Figures {
  readonly rows: readonly QualityRow[]
  readonly table: QualityTable
}

/** The goal is set for each set; the first screen shows the worst. */
function withWorst(planted: readonly QualityRow[]): QualityRow[] {
  const worst = planted.reduce((least, row) => (row.value < least.value ? row : least))
  return planted.map(row =>
    row === worst ? { ...row, subject: `${row.subject}, worst of ${planted.length}`, isHeadline: true } : row,
  )
}

function meanOf(real: readonly QualityRow[]): QualityRow {
  const average = (of: (row: QualityRow) => number) => mean(real.map(of))
  const values = real.map(row => row.value)
  return {
    subject: `mean of ${real.length} real sets`,
    measure: real[0]!.measure,
    kind: 'share',
    value: average(row => row.value),
    range: { low: Math.min(...values), high: Math.max(...values), of: 'lowest and highest set' },
    reference: { value: average(row => row.reference!.value), of: 'popularity' },
    chance: average(row => row.chance!),
    isHeadline: true,
  }
}

async function measurePlanted(engine: Engine): Promise<Figures> {
  const rows: QualityRow[] = []
  const counts: Record<string, string | number>[] = []
  for (const dataset of PLANTED_SETS) {
    progress(`  ${dataset}`)
    const found = recoverRoles(await readUsers(engine, dataset), await readPlantedRoles(engine, dataset))
    rows.push({
      subject: dataset,
      measure: 'F1 of planted roles, exact matches',
      kind: 'share',
      value: found.f1,
      goal: atLeast(0.98),
    })
    counts.push({ set: dataset, planted: found.planted, found: found.found, 'exactly right': found.exact })
  }
  return { rows, table: { title: 'Roles', rows: counts } }
}

async function measureViolations(engine: Engine): Promise<Figures> {
  const rows: QualityRow[] = []
  const more: Record<string, string | number>[] = []
  for (const { dataset, isHeldOut } of REAL_SETS) {
    progress(`  ${dataset}`)
    const users = await readUsers(engine, dataset)
    const rankings = SEEDS.map(seed => rankViolations(users, seed))
    const over = (of: (ranking: ViolationRanking) => number) => rankings.map(of)
    const ours = over(ranking => ranking.ours.averagePrecision)
    rows.push({
      subject: isHeldOut ? `${dataset}, held out` : dataset,
      measure: 'AP of planted violations',
      kind: 'share',
      value: mean(ours),
      range: { low: Math.min(...ours), high: Math.max(...ours), of: `${SEEDS.length} seeds` },
      reference: { value: mean(over(ranking => ranking.popularity.averagePrecision)), of: 'popularity' },
      chance: mean(over(ranking => ranking.baseRate)),
    })
    more.push({
      set: dataset,
      users: users.size,
      windows: rankings[0]!.windows,
      AUROC: significant(mean(over(ranking => ranking.ours.auroc))),
      'AUROC, popularity': significant(mean(over(ranking => ranking.popularity.auroc))),
    })
  }
  return { rows, table: { title: 'Violations', note: `Means of ${SEEDS.length} seeds.`, rows: more } }
}

/**
 * Detection quality on simulated worlds that nothing was fitted on: other seeds than the prior's, and, apart, two families of
 * attacks that no training world holds. Three weeks to learn from without labels, two weeks scored, beside the baselines.
 *
 *     npm run bench:simulated -- [--worlds easy,mixed,hard,sealed] [--seeds 9001,9002] [--out FILE]
 */
import { parseArgs } from 'node:util'
import type { Estimate, EvaluationReport } from '../../src/schema/evaluation.ts'
import { machine, markdownTable, progress, significant, writeJson } from './lib.ts'
import { evaluateSimulated, WORLDS } from './quality/simulated.ts'

function interval({ value, low, high }: Estimate): string {
  const digits = (n: number | null) => (n === null ? '–' : n.toFixed(2))
  return `${digits(value)} (${digits(low)}–${digits(high)})`
}

const { values: flags } = parseArgs({
  options: {
    worlds: { type: 'string', default: Object.keys(WORLDS).join(',') },
    seeds: { type: 'string', default: '9001' },
    out: { type: 'string', default: 'reports/bench-simulated.json' },
  },
})
const results: { world: string; seed: number; report: EvaluationReport }[] = []
for (const world of flags.worlds.split(',')) {
  for (const seed of flags.seeds.split(',').map(Number)) {
    progress(`${world}, seed ${seed}`)
    results.push({ world, seed, report: await evaluateSimulated(world, seed) })
  }
}
const rows = results.flatMap(({ world, seed, report }) =>
  report.rankings.map(ranking => {
    const at = (perDay: number) => ranking.budgets.find(budget => budget.perDay === perDay)!
    return {
      world: `${world} ${seed}`,
      ranking: ranking.title,
      'base rate': significant(ranking.tokenDays.baseRate),
      'AP, token-days': interval(ranking.tokenDays.averagePrecision),
      'AP, token-hours': interval(ranking.tokenHours.averagePrecision),
      'precision at 1': significant(at(1).precision.value ?? undefined),
      'precision at 3': significant(at(3).precision.value ?? undefined),
      'incidents at 3': `${at(3).incidentsFound} of ${report.data.incidents}`,
      'incidents at 10': `${at(10).incidentsFound} of ${report.data.incidents}`,
    }
  }),
)
console.log(markdownTable(rows))
writeJson(flags.out, { machine: machine(), results })

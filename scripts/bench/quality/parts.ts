import { join } from 'node:path'
import { type Engine, openEngine } from '../../../src/engine/duckdb.ts'
import { mean } from '../../../src/lib/stats.ts'
import type { Estimate, EvaluationReport, RankingReport } from '../../../src/schema/evaluation.ts'
import { progress, significant } from '../lib.ts'
import { runQuiet } from '../real/github-humans.ts'
import { evaluateTakeover, TAKEOVER_REFERENCE } from '../real/github-takeover.ts'
import { runWebbot, WEBBOT_REFERENCE } from '../real/webbot.ts'
import { ABLATION_BUDGETS, type Ablation, ablate, PRODUCT } from './ablation.ts'
import { type AdbenchQuality, measureAdbench } from './adbench.ts'
import { BOTS_REFERENCE, measureBots } from './github-bots.ts'
import {
  PLANTED_SETS,
  REAL_SETS,
  rankViolations,
  readPlantedRoles,
  readUsers,
  recoverRoles,
  type ViolationRanking,
} from './role-mining.ts'
import type { Goal, QualityPart, QualityRow, QualityTable } from './row.ts'
import { evaluateSimulated, WORLDS } from './simulated.ts'

export interface PartOptions {
  /** Folder for what a part needs to write; it is removed after the bench. */
  readonly scratch: string
  /** Seeds of the simulated worlds; none below 9000, where the prior was fitted. */
  readonly seeds: readonly number[]
}

/** One part of the bench and the data set it needs. */
export interface Part {
  readonly title: string
  readonly about: string
  /** Folder of the data set; null for what is simulated. */
  readonly dataset: string | null
  measure(options: PartOptions): Promise<Measured>
}

type Measured = Pick<QualityPart, 'rows'> & Partial<Pick<QualityPart, 'tables' | 'curves'>>

/** Goals of token-day AP and precision on simulated worlds, after the two unseen logs. */
const SIMULATED_GOALS: Readonly<Record<string, { ap: number; incidentsAt3: number; precisionAt1?: number }>> =
  {
    easy: { ap: 0.97, incidentsAt3: 0.95 },
    hard: { ap: 0.75, incidentsAt3: 0.9, precisionAt1: 0.9 },
  }

export const PARTS: Readonly<Record<string, Part>> = {
  simulated: {
    title: 'Simulated worlds',
    about:
      'Seeds that no weight was fitted on: easy, mixed and hard, and apart from them two sealed families of attacks that no training world holds. Three weeks to learn from without labels, two weeks scored. Goals are those set for two unseen logs, one easy, one hard.',
    dataset: null,
    measure: measureSimulated,
  },
  takeover: {
    title: 'Takeovers in real GitHub activity',
    about:
      'github_takeover_spliced: 40 of 545 accounts continue with the events of somebody else. Only time, token, operation and resource are known: no address, no client. Measured on eligible tokens, 95 % intervals by resampling tokens.',
    dataset: 'github_takeover_spliced',
    measure: measureTakeover,
  },
  quiet: {
    title: 'A quiet population',
    about:
      'github_human_activity: 585 real accounts, none known to be misused. What the default budget costs where there is nothing to find.',
    dataset: 'github_human_activity',
    measure: measureQuiet,
  },
  bots: {
    title: "The filter's learner",
    about:
      'github_bot_accounts: 45 features of 1,290 accounts, bot or human; every account is judged by nets that did not see it.',
    dataset: 'github_bot_accounts',
    measure: () => withEngine(measureBotAccounts),
  },
  role_mining: {
    title: 'Roles and violations',
    about:
      'role_mining_hp. Planted roles: a role counts only where every permission is right. Violations: a permission that only other people hold, planted into windows of real users, among windows with a permission of their own that training did not see; popularity judges a permission by how many hold it. Held out: no constant of the detector was chosen on the set.',
    dataset: 'role_mining_hp',
    measure: () => withEngine(measureRoleMining),
  },
  adbench: {
    title: 'Isolation forest on ADBench',
    about:
      "23 sets, 5 seeds (100 on two small sets), beside scikit-learn's forest with the same settings. Correct means the same, not more: the goal is a difference within its own spread between draws of seeds.",
    dataset: 'adbench',
    measure: () => withEngine(measureForest),
  },
  webbot: {
    title: 'Web bots, learned from people alone',
    about:
      'webbot_sessions: nothing that leaks the class (client, folder, absolute time), no bot in training. The reference learned from both classes. Range: lowest and highest of five folds.',
    dataset: 'webbot_sessions',
    measure: measureWebbot,
  },
  ablation: {
    title: 'What each part is worth',
    about:
      'Simulated worlds of 300 tokens and 200,000 events that nothing was fitted on. A signal, feature group or model is left out of the score; neither weights nor calibration are fitted again. Figures are means over the worlds.',
    dataset: null,
    measure: measureAblation,
  },
}

async function withEngine<T>(work: (engine: Engine) => Promise<T>): Promise<T> {
  const engine = await openEngine()
  try {
    return await work(engine)
  } finally {
    engine.close()
  }
}

function rangeOf({ low, high }: Estimate): Pick<QualityRow, 'range'> {
  return low === null || high === null ? {} : { range: { low, high, of: '95 % interval' } }
}

const atLeast = (value: number): Goal => ({ is: 'at least', value })

function headlineOf(report: EvaluationReport): RankingReport {
  return report.rankings.find(ranking => ranking.name === report.headline)!
}

/** The baseline of the highest token-day AP. */
function bestBaseline(report: EvaluationReport): RankingReport {
  const quality = (ranking: RankingReport) => ranking.tokenDays.averagePrecision.value ?? 0
  return report.rankings
    .filter(ranking => ranking.kind === 'baseline')
    .reduce((best, other) => (quality(other) > quality(best) ? other : best))
}

async function measureSimulated({ seeds }: PartOptions): Promise<Measured> {
  const rows: QualityRow[] = []
  const curves: { title: string; report: EvaluationReport }[] = []
  for (const world of Object.keys(WORLDS)) {
    for (const seed of seeds) {
      progress(`  ${world}, seed ${seed}`)
      const report = await evaluateSimulated(world, seed)
      rows.push(...simulatedRows(world, `${world}, seed ${seed}`, report))
      if (seed === seeds[0]) curves.push({ title: `${world}, seed ${seed}`, report })
    }
  }
  return { rows, curves }
}

function simulatedRows(world: string, subject: string, report: EvaluationReport): QualityRow[] {
  const ours = headlineOf(report)
  const baseline = bestBaseline(report)
  const goals = SIMULATED_GOALS[world]
  const chance = ours.tokenDays.baseRate
  const at = (ranking: RankingReport, perDay: number) =>
    ranking.budgets.find(budget => budget.perDay === perDay)!
  const row = (
    measure: string,
    of: (ranking: RankingReport) => Estimate,
    goal?: number,
    more: Partial<QualityRow> = {},
  ): QualityRow => ({
    subject,
    measure,
    kind: 'share',
    value: of(ours).value ?? 0,
    ...rangeOf(of(ours)),
    reference: { value: of(baseline).value ?? 0, of: baseline.title },
    ...(goal !== undefined && { goal: atLeast(goal) }),
    ...more,
  })
  return [
    row('AP, token-days', ranking => ranking.tokenDays.averagePrecision, goals?.ap, { chance }),
    row(
      'AP, token-hours',
      ranking => ranking.tokenHours.averagePrecision,
      world === 'easy' ? 0.8 : undefined,
      { chance: ours.tokenHours.baseRate },
    ),
    row('precision at 1 alert a day', ranking => at(ranking, 1).precision, goals?.precisionAt1, { chance }),
    row('incidents found at 3 alerts a day', ranking => at(ranking, 3).incidentRecall, goals?.incidentsAt3),
  ]
}

async function measureTakeover({ scratch }: PartOptions): Promise<Measured> {
  const report = await evaluateTakeover(join(scratch, 'takeover'))
  const { tokenDays } = headlineOf(report)
  const reference = 'isolation forest, 8 plain features'
  return {
    rows: [
      {
        subject: 'eligible tokens',
        measure: 'AP, token-days',
        kind: 'share',
        value: tokenDays.averagePrecision.value!,
        ...rangeOf(tokenDays.averagePrecision),
        reference: { value: TAKEOVER_REFERENCE.averagePrecision, of: reference },
        chance: tokenDays.baseRate,
        goal: atLeast(0.45),
      },
      {
        subject: 'eligible tokens',
        measure: 'AUROC, token-days',
        kind: 'share',
        value: tokenDays.auroc.value!,
        ...rangeOf(tokenDays.auroc),
        reference: { value: TAKEOVER_REFERENCE.auroc, of: reference },
        chance: 0.5,
        goal: atLeast(0.88),
      },
    ],
    tables: [
      {
        title: 'At a number of alerts a day',
        rows: headlineOf(report).budgets.map(budget => ({
          'alerts a day': budget.perDay,
          precision: significant(budget.precision.value ?? undefined),
          'recall, token-days': significant(budget.recall.value ?? undefined),
          'incidents found': `${budget.incidentsFound} of ${report.data.incidents}`,
        })),
      },
      {
        title: 'Kinds of takeover',
        note: 'Own resources: the thief works on the victim’s own repositories, the harder case.',
        rows: headlineOf(report).attackTypes.map(({ attackType, incidents, found }) => ({
          kind: attackType,
          incidents,
          ...Object.fromEntries(report.budgets.map((perDay, b) => [`found at ${perDay} a day`, found[b]!])),
        })),
      },
    ],
    curves: [{ title: 'github_takeover_spliced', report }],
  }
}

async function measureQuiet({ scratch }: PartOptions): Promise<Measured> {
  const figures = await runQuiet(join(scratch, 'quiet'))
  return {
    rows: [
      {
        subject: `${figures.tokens} accounts, ${figures.days} days`,
        measure: 'alerts a day at the default budget',
        kind: 'number',
        value: figures.alertsPerDay,
        goal: { is: 'at most', value: figures.budgetPerDay },
      },
      {
        subject: `${figures.tokens} accounts, ${figures.days} days`,
        measure: 'most alerts on one day',
        kind: 'number',
        value: figures.mostAlertsOfADay,
      },
    ],
    tables: [{ title: 'What was alerted', rows: figures.titles.map(title => ({ ...title })) }],
  }
}

async function measureBotAccounts(engine: Engine): Promise<Measured> {
  const figures = await measureBots(engine)
  return {
    rows: [
      {
        subject: `${figures.accounts} accounts`,
        measure: 'weighted F1, cross-validated',
        kind: 'share',
        value: figures.weightedF1,
        range: { ...figures.interval, of: '95 % interval' },
        reference: { value: BOTS_REFERENCE, of: 'random forest, unseen rows' },
        // Always the larger class, weighted by its rows.
        chance: largerClassF1(figures.baseRate),
        goal: atLeast(0.9),
      },
    ],
  }
}

/** Weighted F1 of calling everything the larger class: 2 p / (1 + p) of it, nothing of the other. */
function largerClassF1(baseRate: number): number {
  const share = Math.max(baseRate, 1 - baseRate)
  return (share * 2 * share) / (1 + share)
}

const ROLE_SEEDS = [1, 2, 3, 4, 5]

async function measureRoleMining(engine: Engine): Promise<Measured> {
  const rows: QualityRow[] = []
  const roles: Record<string, string | number>[] = []
  for (const dataset of PLANTED_SETS) {
    progress(`  ${dataset}`)
    const recovery = recoverRoles(await readUsers(engine, dataset), await readPlantedRoles(engine, dataset))
    rows.push({
      subject: dataset,
      measure: 'F1 of planted roles, exact matches',
      kind: 'share',
      value: recovery.f1,
      goal: atLeast(0.98),
    })
    roles.push({
      set: dataset,
      planted: recovery.planted,
      found: recovery.found,
      'exactly right': recovery.exact,
    })
  }
  const more: Record<string, string | number>[] = []
  for (const { dataset, isHeldOut } of REAL_SETS) {
    progress(`  ${dataset}`)
    const users = await readUsers(engine, dataset)
    const rankings = ROLE_SEEDS.map(seed => rankViolations(users, seed))
    const over = (of: (ranking: ViolationRanking) => number) => rankings.map(of)
    const ours = over(ranking => ranking.ours.averagePrecision)
    const popularity = mean(over(ranking => ranking.popularity.averagePrecision))
    rows.push({
      subject: isHeldOut ? `${dataset}, held out` : dataset,
      measure: 'AP of planted violations',
      kind: 'share',
      value: mean(ours),
      range: { low: Math.min(...ours), high: Math.max(...ours), of: '5 seeds' },
      reference: { value: popularity, of: 'popularity' },
      chance: mean(over(ranking => ranking.baseRate)),
      goal: atLeast(popularity),
    })
    more.push({
      set: dataset,
      users: users.size,
      windows: rankings[0]!.windows,
      AUROC: significant(mean(over(ranking => ranking.ours.auroc))),
      'AUROC, popularity': significant(mean(over(ranking => ranking.popularity.auroc))),
    })
  }
  return {
    rows,
    tables: [
      { title: 'Roles', rows: roles },
      { title: 'Violations', note: 'Means of 5 seeds.', rows: more },
    ],
  }
}

async function measureForest(engine: Engine): Promise<Measured> {
  const sets: AdbenchQuality[] = []
  for await (const quality of measureAdbench(engine)) {
    progress(`  ${quality.set}`)
    sets.push(quality)
  }
  const differenceOf = ({ compared }: AdbenchQuality) => Math.abs(compared.ours - compared.reference)
  const average = (of: (quality: AdbenchQuality) => number) => mean(sets.map(of))
  return {
    rows: [
      {
        subject: `mean of ${sets.length} sets`,
        measure: 'AUROC',
        kind: 'share',
        value: average(quality => quality.auroc),
        reference: { value: average(quality => quality.reference.auroc), of: 'scikit-learn' },
        chance: 0.5,
      },
      {
        subject: `mean of ${sets.length} sets`,
        measure: 'AP',
        kind: 'share',
        value: average(quality => quality.averagePrecision),
        reference: { value: average(quality => quality.reference.averagePrecision), of: 'scikit-learn' },
        chance: average(quality => quality.baseRate),
      },
      {
        subject: `${sets.length} sets`,
        measure: 'sets whose AUROC differs by more than its tolerance',
        kind: 'number',
        value: sets.filter(quality => !(differenceOf(quality) <= quality.tolerance)).length,
        goal: { is: 'at most', value: 0 },
      },
    ],
    tables: [
      {
        title: 'Set by set',
        rows: sets.map(quality => ({
          set: quality.set,
          'base rate': significant(quality.baseRate),
          AUROC: significant(quality.auroc),
          'scikit-learn': significant(quality.reference.auroc),
          difference: significant(differenceOf(quality), 2),
          tolerance: quality.tolerance,
          AP: significant(quality.averagePrecision),
          'AP, scikit-learn': significant(quality.reference.averagePrecision),
        })),
      },
    ],
  }
}

async function measureWebbot({ scratch }: PartOptions): Promise<Measured> {
  const { attackTypes } = await runWebbot(join(scratch, 'webbot'))
  return {
    rows: attackTypes.map(quality => ({
      subject: `${quality.attackType.replace('_', ' ')}, ${quality.sessions} sessions`,
      measure: 'AUROC, sessions',
      kind: 'share',
      value: quality.auroc,
      range: { ...quality.aurocRange, of: '5 folds' },
      reference: { value: WEBBOT_REFERENCE[quality.attackType]!, of: 'random forest, both classes' },
      chance: 0.5,
    })),
    tables: [
      {
        title: 'Average precision',
        rows: attackTypes.map(quality => ({
          bots: quality.attackType.replace('_', ' '),
          AP: significant(quality.averagePrecision),
          'base rate': significant(quality.baseRate),
        })),
      },
    ],
  }
}

const ABLATION_WORLDS = ['easy', 'mixed', 'hard']
const ABLATION_SIZE = { tokens: 300, events: 200_000 }

async function measureAblation({ seeds }: PartOptions): Promise<Measured> {
  const worlds: { world: string; found: Ablation }[] = []
  for (const world of ABLATION_WORLDS) {
    for (const seed of seeds) {
      progress(`  ${world}, seed ${seed}`)
      const found = await ablate({ ...WORLDS[world]!, ...ABLATION_SIZE, seed })
      worlds.push({ world: `${world}, seed ${seed}`, found })
    }
  }
  return {
    rows: worlds.map(({ world, found }) => {
      const { [PRODUCT]: product, ...others } = found.rankings
      const [best] = Object.entries(others).sort((a, b) => b[1].averagePrecision - a[1].averagePrecision)
      return {
        subject: world,
        measure: 'AP, token-days',
        kind: 'share',
        value: product!.averagePrecision,
        reference: { value: best![1].averagePrecision, of: `best other: ${best![0].replaceAll('_', ' ')}` },
        chance: found.baseRate,
      }
    }),
    tables: ablationTables(worlds.map(({ found }) => found)),
  }
}

function ablationTables(worlds: readonly Ablation[]): QualityTable[] {
  const first = worlds[0]!
  const product = worlds.map(world => world.rankings[PRODUCT]!)
  const signed = (value: number) => `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(3)}`
  const lost = (kind: Ablation['without'][number]['kind']) =>
    first.without
      .map((part, at) => ({ part, at }))
      .filter(({ part }) => part.kind === kind)
      .map(({ part, at }) => {
        const change = (of: (quality: Ablation['without'][number]['quality']) => number) =>
          mean(worlds.map((world, w) => of(world.without[at]!.quality) - of(product[w]!)))
        return {
          part,
          ap: change(q => q.averagePrecision),
          recalls: ABLATION_BUDGETS.map((_, b) => change(q => q.recalls[b]!)),
        }
      })
      .sort((a, b) => a.ap - b.ap)
      .map(({ part, ap, recalls }) => ({
        'left out': part.name.replaceAll('_', ' '),
        facts: part.sources,
        AP: signed(ap),
        ...Object.fromEntries(
          ABLATION_BUDGETS.map((perDay, b) => [`recall at ${perDay}`, signed(recalls[b]!)]),
        ),
      }))
  return [
    {
      title: 'One score against another',
      note: 'Product: the weighted sum of all facts, the strongest signal among them. Union: the strongest calibrated signal alone. Recall is of misused token-days.',
      rows: Object.keys(first.rankings).map(name => ({
        score: name.replaceAll('_', ' '),
        AP: mean(worlds.map(world => world.rankings[name]!.averagePrecision)).toFixed(3),
        ...Object.fromEntries(
          ABLATION_BUDGETS.map((perDay, b) => [
            `recall at ${perDay} a day`,
            mean(worlds.map(world => world.rankings[name]!.recalls[b]!)).toFixed(3),
          ]),
        ),
      })),
    },
    {
      title: 'Without a signal',
      note: 'All facts that the signal reads are left out. Change against the product; below zero it is missed.',
      rows: lost('signal'),
    },
    { title: 'Without a feature group', rows: lost('features') },
    { title: 'Without a model', rows: lost('model') },
  ]
}

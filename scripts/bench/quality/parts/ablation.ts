import { mean } from '../../../../src/lib/stats.ts'
import { progress } from '../../lib.ts'
import {
  ABLATION_BUDGETS,
  type Ablation,
  ablate,
  BIG_FOREST,
  type LeftOut,
  PRODUCT,
  type TokenDayQuality,
  UNION,
} from '../ablation.ts'
import type { Effect, EffectTable, QualityRow, QualityTable, Spread } from '../row.ts'
import { WORLDS } from '../simulated.ts'
import type { Measured, Part, PartOptions } from './part.ts'

export const ABLATION: Part = {
  title: 'What each detector is worth',
  about:
    'Easy, mixed and hard worlds of 300 tokens and 200,000 events that nothing was fitted on, token-days ranked by their highest hour. Something is left out of the score and nothing is fitted again: neither models, weights nor calibration. So this is what the product would lose from one day to the next, not the least that could be lost; detectors share facts, and what one loses another may tell. A fact that the weights leave at zero, such as the forest, loses nothing.',
  dataset: null,
  measure: measureAblation,
}

const NAMES = ['easy', 'mixed', 'hard']
const SIZE = { tokens: 300, events: 200_000 }
const MEASURES = ['AP', ...ABLATION_BUDGETS.map(perDay => `recall at ${perDay} a day`)]

interface AblatedWorld {
  readonly world: string
  readonly found: Ablation
}

async function measureAblation({ seeds }: PartOptions): Promise<Measured> {
  const worlds: AblatedWorld[] = []
  for (const name of NAMES) {
    for (const seed of seeds) {
      progress(`  ${name}, seed ${seed}`)
      const found = await ablate({ ...WORLDS[name]!, ...SIZE, seed })
      worlds.push({ world: `${name}, seed ${seed}`, found })
    }
  }
  return {
    rows: [comparison(PRODUCT, worlds), comparison(UNION, worlds)],
    effects: [
      effects('detector', worlds, {
        title: 'Without one detector',
        note: 'A signal: all facts that it reads say nothing to the score nor to other signals. The models: their one column. Specialist: the vote of the strongest signal.',
      }),
      effects('features', worlds, {
        title: 'Without one group of features',
        note: 'Its columns are unknown to tails, signals and forest, as in a replay that leaves them out.',
      }),
    ],
    tables: [rankingTable(worlds), worldTable(worlds)],
  }
}

const valuesOf = ({ averagePrecision, recalls }: TokenDayQuality) => [averagePrecision, ...recalls]

function spreadOf(values: readonly number[]): Spread {
  return { mean: mean(values), low: Math.min(...values), high: Math.max(...values) }
}

/** Mean AP of a ranking over the worlds, beside one forest over everything. */
function comparison(name: string, worlds: readonly AblatedWorld[]): QualityRow {
  const over = (of: string) => worlds.map(({ found }) => found.rankings[of]!.averagePrecision)
  const { mean: value, low, high } = spreadOf(over(name))
  return {
    subject: `mean of ${worlds.length} worlds`,
    measure: `AP, ${name}`,
    kind: 'share',
    value,
    range: { low, high, of: 'lowest and highest world' },
    reference: { value: mean(over(BIG_FOREST)), of: BIG_FOREST },
    chance: mean(worlds.map(({ found }) => found.baseRate)),
    isHeadline: name === UNION,
  }
}

/** Changes against the product of the same world, the greatest loss of AP first. */
function effects(
  kind: LeftOut['kind'],
  worlds: readonly AblatedWorld[],
  told: Pick<EffectTable, 'title' | 'note'>,
): EffectTable {
  const rows = worlds[0]!.found.without.flatMap((part, at): Effect[] => {
    if (part.kind !== kind) return []
    const changes = MEASURES.map((_, m) =>
      spreadOf(
        worlds.map(
          ({ found }) => valuesOf(found.without[at]!.quality)[m]! - valuesOf(found.rankings[PRODUCT]!)[m]!,
        ),
      ),
    )
    return [{ name: part.name.replaceAll('_', ' '), facts: part.facts, changes }]
  })
  return {
    title: told.title,
    note: `${told.note} Mean change over ${worlds.length} worlds, and the lowest and highest of them; below zero it is missed.`,
    measures: MEASURES,
    rows: rows.sort((a, b) => a.changes[0]!.mean - b.changes[0]!.mean),
  }
}

function rankingTable(worlds: readonly AblatedWorld[]): QualityTable {
  return {
    title: 'Union of specialists against one big forest, and the other scores',
    note: 'Product: the weighted sum of all facts, the strongest signal among them. Union: the strongest calibrated signal alone. Perfect order: what a budget could reach at all. Recall is of misused token-days. Means over the worlds, and the lowest and highest of them.',
    rows: Object.keys(worlds[0]!.found.rankings).map(name => ({
      score: name,
      ...Object.fromEntries(
        MEASURES.map((measure, m) => {
          const spread = spreadOf(worlds.map(({ found }) => valuesOf(found.rankings[name]!)[m]!))
          return [measure, `${spread.mean.toFixed(3)} (${spread.low.toFixed(2)}–${spread.high.toFixed(2)})`]
        }),
      ),
    })),
  }
}

function worldTable(worlds: readonly AblatedWorld[]): QualityTable {
  return {
    title: 'AP by world',
    rows: worlds.map(({ world, found }) => ({
      world,
      'token-days': found.tokenDays,
      'base rate': found.baseRate.toFixed(4),
      ...Object.fromEntries(
        Object.entries(found.rankings).map(([name, quality]) => [name, quality.averagePrecision.toFixed(3)]),
      ),
    })),
  }
}

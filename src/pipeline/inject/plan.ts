import { KeyhoundError } from '../../lib/errors.ts'
import { createRandom } from '../../lib/random.ts'
import { castIncident, type Turn, takeTurns } from '../../simulate/inject/cast.ts'
import { INJECTED_ATTACKS, INJECTED_NAMES } from '../../simulate/inject/catalogue.ts'
import {
  type EventRow,
  INTENSITIES,
  type InjectedAttack,
  type Intensity,
  type LogFacts,
  type TokenSummary,
} from '../../simulate/inject/model.ts'
import type { Context } from '../context.ts'
import { readFacts } from './facts.ts'
import { nameEvents, nameTokens } from './ids.ts'
import { createMaterialReader } from './material.ts'

export interface PlanOptions {
  /** @default all */
  readonly attacks?: readonly string[]
  /** @default all three */
  readonly intensities?: readonly Intensity[]
  /** Decides everything: the same log, options and seed give the same rows. @default 1 */
  readonly seed?: number
  /** First day of injection, UTC. @default the last third of the log */
  readonly from?: Date
  /** @default two of each attack and intensity, as far as there are tokens */
  readonly incidents?: number
}

/** An incident that was written, as rows of the log. */
export interface InjectedIncident {
  readonly id: string
  readonly attackType: string
  readonly intensity: Intensity
  readonly tenantId: string
  readonly events: readonly EventRow[]
}

/** An attack, or some of its incidents, that could not be written. */
export interface SkippedAttack {
  readonly attack: string
  /** All intensities where it is null. */
  readonly intensity: Intensity | null
  readonly incidents: number
  readonly reason: string
}

export interface Injection {
  readonly facts: LogFacts
  readonly incidents: readonly InjectedIncident[]
  readonly skipped: readonly SkippedAttack[]
  readonly notes: readonly string[]
}

/** Victims tried for one incident before it is given up. */
const MOST_VICTIMS = 6

/** Plans attacks over the events of a workspace; writes nothing. Throws 'usage' for attacks or intensities that do not exist. */
export async function planInjection(context: Context, options: PlanOptions): Promise<Injection> {
  const { engine, workspace, progress } = context
  const attacks = chooseAttacks(options.attacks)
  const intensities = INTENSITIES.filter(one => options.intensities?.includes(one) ?? true)
  const random = createRandom(options.seed ?? 1).fork('inject')
  const facts = await readFacts(engine, workspace, options.from)
  const skipped: SkippedAttack[] = attacks.flatMap(attack => {
    const reason = attack.missing(facts)
    return reason === null ? [] : [{ attack: attack.name, intensity: null, incidents: 0, reason }]
  })
  const turns = takeTurns(facts, attacks, intensities, options.incidents)
  const reader = createMaterialReader(engine)
  const victims = new Set<TokenSummary>()
  const planned: { turn: Turn; tenantId: string; events: readonly EventRow[] }[] = []
  progress.start('inject', turns.length)
  for (const turn of turns) {
    const own = random.fork('incident', turn.number)
    const tried = new Set(victims)
    let reason = 'no token has a history before the period, is still in use within it, and is no victim yet'
    for (let attempt = 0; attempt < MOST_VICTIMS; attempt++) {
      const draws = own.fork('attempt', attempt)
      const cast = castIncident(facts, turn, tried, draws)
      if (cast === undefined) break
      const material = await reader.read(cast)
      const plan = turn.attack.plan({ random: draws, intensity: turn.intensity, log: facts, ...material })
      if ('events' in plan) {
        const events = plan.events.filter(event => event.time >= facts.from && event.time < facts.to)
        if (events.length > 0) {
          planned.push({ turn, tenantId: cast.victim.tenantId, events })
          victims.add(cast.victim)
          break
        }
        reason = 'nothing of it would lie in the period'
      } else reason = plan.skipped
      tried.add(cast.victim)
      if (attempt === MOST_VICTIMS - 1) reason += ` (tried ${MOST_VICTIMS} victims)`
    }
    if (planned.at(-1)?.turn !== turn) addSkipped(skipped, turn, reason)
    progress.step(1, turn.attack.name)
  }
  progress.done()
  return finish(context, facts, planned, skipped, random)
}

/** Names tokens and events, and orders each incident by time. */
async function finish(
  { engine }: Context,
  facts: LogFacts,
  planned: readonly { turn: Turn; tenantId: string; events: readonly EventRow[] }[],
  skipped: readonly SkippedAttack[],
  random: ReturnType<typeof createRandom>,
): Promise<Injection> {
  const tokenIds = facts.tokens.map(token => token.tokenId)
  const withTokens = await nameTokens(
    engine,
    planned.map(({ events }) => events),
    tokenIds,
    random.fork('tokens'),
  )
  const order = withTokens
    .flatMap((events, incident) => events.map((event, i) => ({ event, incident, i })))
    .sort((a, b) => a.event.time - b.event.time || a.incident - b.incident || a.i - b.i)
  const named = await nameEvents(
    engine,
    order.map(({ event }) => event),
    random.fork('ids'),
  )
  const byIncident: EventRow[][] = planned.map(() => [])
  for (const [i, { incident }] of order.entries()) byIncident[incident]!.push(named.events[i]!)
  const notes: string[] = []
  if (named.crowded)
    notes.push('ids of this log rise without gaps: the ids of injected events could not be put between them')
  return {
    facts,
    skipped,
    notes,
    incidents: planned.map(({ turn, tenantId }, i) => ({
      id: `injected-${String(turn.number).padStart(4, '0')}`,
      attackType: turn.attack.name,
      intensity: turn.intensity,
      tenantId,
      events: byIncident[i]!,
    })),
  }
}

function chooseAttacks(names: readonly string[] | undefined): InjectedAttack[] {
  const unknown = names?.filter(name => !INJECTED_NAMES.includes(name)) ?? []
  if (unknown.length > 0)
    throw new KeyhoundError(
      'usage',
      `no attack is called ${unknown.map(name => `"${name}"`).join(', ')}; there are ${INJECTED_NAMES.join(', ')}`,
    )
  return INJECTED_ATTACKS.filter(attack => names?.includes(attack.name) ?? true)
}

function addSkipped(skipped: SkippedAttack[], { attack, intensity }: Turn, reason: string): void {
  const known = skipped.findIndex(
    one => one.attack === attack.name && one.intensity === intensity && one.reason === reason,
  )
  if (known < 0) skipped.push({ attack: attack.name, intensity, incidents: 1, reason })
  else skipped[known] = { ...skipped[known]!, incidents: skipped[known]!.incidents + 1 }
}

import { ownWork } from '../calls.ts'
import { DAY, HOUR } from '../model.ts'
import { isMachine } from '../world.ts'
import { at, dayStart, findActor, job, jobSize, type SurpriseKind } from './kit.ts'

/** Books are closed: invoices and reports by the hundred on the last or first days of a month. */
const monthEndBatch: SurpriseKind = {
  kind: 'month_end_batch',
  per: 'tokens',
  rate: 0.35,
  stage(stage) {
    const roles = ['finance', 'analyst', 'sync_service', 'data_pipeline', 'integration']
    const found = findActor(stage, (actor, day) => {
      const date = new Date(dayStart(stage, day)).getUTCDate()
      const tomorrow = new Date(dayStart(stage, day + 1)).getUTCDate()
      return roles.includes(actor.role.name) && (date <= 2 || tomorrow <= 2)
    })
    if (!found) return
    const { actor, day, pace } = found
    const start = at(stage, actor, day, actor.workStart + stage.random.uniform(0, 9))
    const count = jobSize(stage, pace, stage.random.uniform(2, 8), 60)
    const gapMs = isMachine(actor.role) ? 300 : 2500
    job(stage, actor, { start, count, gapMs, next: ownWork(actor, day) })
    stage.note(actor, start, start + count * gapMs * 1.3)
  },
}

/** History is loaded again after a bug: the service's usual work, many times over. */
const backfill: SurpriseKind = {
  kind: 'backfill',
  per: 'tokens',
  rate: 0.3,
  stage(stage) {
    const found = findActor(stage, actor => isMachine(actor.role))
    if (!found) return
    const { actor, day, pace } = found
    const start = dayStart(stage, day) + stage.random.uniform(0, 20) * HOUR
    const count = jobSize(stage, pace, stage.random.uniform(2, 12), 150)
    const gapMs = stage.random.uniform(150, 1500)
    job(stage, actor, { start, count, gapMs, next: ownWork(actor, day) })
    stage.note(actor, start, start + count * gapMs * 1.3)
  },
}

/** An outage of half an hour to three hours hits a whole tenant: answers of 5xx, and clients that try again and again. */
const retryStorm: SurpriseKind = {
  kind: 'retry_storm',
  per: 'tenant',
  rate: 0.15,
  stage(stage) {
    const { world, random } = stage
    const tenant = random.pick(world.tenants)
    const day = random.int(world.days)
    const start = dayStart(stage, day) + random.uniform(6, 20) * HOUR
    const end = start + random.uniform(0.5, 3) * HOUR
    const failing = random.uniform(0.25, 0.8)
    for (const actor of world.actors) {
      if (actor.tenant !== tenant || stage.volume(actor, day) < 1) continue
      stage.overlay(actor, { start, end, failing })
      stage.note(actor, start, end)
    }
  },
}

/** Somebody tries how much the product bears, with an agreed plan: the own calls at fifty times the pace for a while. */
const loadTest: SurpriseKind = {
  kind: 'load_test',
  per: 'tokens',
  rate: 0.1,
  stage(stage) {
    const found = findActor(stage, actor =>
      ['developer', 'integration', 'ci_runner', 'monitor'].includes(actor.role.name),
    )
    if (!found) return
    const { actor, day, pace } = found
    const start = at(stage, actor, day, stage.random.uniform(9, 18))
    const count = jobSize(stage, pace, 15, 500)
    job(stage, actor, { start, count, gapMs: 120, gapSpread: 0.3, next: ownWork(actor, day) })
    stage.note(actor, start, start + count * 130)
  },
}

/** A customer grows: 3 to 12 % more a day over weeks, until two to four times as much. */
const organicGrowth: SurpriseKind = {
  kind: 'organic_growth',
  per: 'tokens',
  rate: 0.12,
  stage(stage) {
    const found = findActor(stage)
    if (!found) return
    const { actor, day } = found
    const growth = stage.random.uniform(1.03, 1.12)
    const most = stage.random.uniform(2, 4)
    const start = dayStart(stage, day)
    stage.overlay(actor, {
      start,
      end: Number.POSITIVE_INFINITY,
      volume: today => Math.min(most, growth ** Math.max(0, today - day)),
    })
    stage.note(actor, start, start + (Math.log(most) / Math.log(growth)) * DAY)
  },
}

export const VOLUME = [monthEndBatch, backfill, retryStorm, loadTest, organicGrowth]

import { drawn, operationsWhere, ownWork } from '../calls.ts'
import { type Actor, DAY, HOUR } from '../model.ts'
import { objectId, ownedObjects } from '../objects.ts'
import { OPERATIONS } from '../operations.ts'
import { isMachine } from '../world.ts'
import { at, dayStart, findActor, job, jobSize, type SurpriseKind } from './kit.ts'

/** Operations within the grant that `wanted` describes. */
function able(actor: Actor, wanted: (index: number) => boolean, used?: boolean): number[] {
  return operationsWhere(actor, { allowed: true, used }).filter(wanted)
}

const isList = (index: number) => OPERATIONS[index]!.kind === 'list'
const isExport = (index: number) => OPERATIONS[index]!.kind === 'export'
const isDelete = (index: number) => OPERATIONS[index]!.kind === 'delete'
const isObjectRead = (index: number) => OPERATIONS[index]!.kind === 'read' && OPERATIONS[index]!.object >= 0

/** Page after page of one list, by hand or by a script of the user's own. */
const pagingExport: SurpriseKind = {
  kind: 'paging_export',
  per: 'tokens',
  rate: 0.5,
  stage(stage) {
    const found = findActor(stage, actor => able(actor, isList, true).length > 0)
    if (!found) return
    const { actor, day, pace } = found
    const operation = stage.random.pick(able(actor, isList, true))
    const start = at(stage, actor, day, actor.workStart + stage.random.uniform(0, 8))
    const count = jobSize(stage, pace, stage.random.uniform(0.5, 3), 40)
    job(stage, actor, {
      start,
      count,
      gapMs: 900,
      next: drawn(actor, day, [operation], 'working', step => {
        step.heavy = 2
      }),
    })
    stage.note(actor, start, start + count * 1100)
  },
}

/** Every object of one kind, from the oldest on: a first synchronisation or a re-index. */
const syncJob: SurpriseKind = {
  kind: 'sync_job',
  per: 'tokens',
  rate: 0.4,
  stage(stage) {
    const found = findActor(
      stage,
      actor =>
        (isMachine(actor.role) || actor.role.name === 'analyst') && able(actor, isObjectRead).length > 0,
    )
    if (!found) return
    const { actor, day, pace } = found
    const operation = stage.random.pick(able(actor, isObjectRead))
    const resource = OPERATIONS[operation]!.object
    const owned = ownedObjects(actor.tenant, resource, day)
    const first = stage.random.int(owned)
    const start = dayStart(stage, day) + stage.random.uniform(0, 20) * HOUR
    const count = jobSize(stage, pace, stage.random.uniform(1, 5), 150)
    const gapMs = stage.random.uniform(150, 1200)
    job(stage, actor, {
      start,
      count,
      gapMs,
      gapSpread: 0.3,
      next(step, i, random) {
        step.operation = operation
        step.object = objectId(actor.tenant, resource, (first + i) % owned)
        // Lists are older than the objects: some are gone by now.
        if (random.chance(0.02)) step.status = 404
      },
    })
    stage.note(actor, start, start + count * gapMs * 1.1)
  },
}

/** A quarter's figures are pulled into the warehouse or a spreadsheet. */
const biExtract: SurpriseKind = {
  kind: 'bi_extract',
  per: 'tokens',
  rate: 0.4,
  stage(stage) {
    const roles = ['analyst', 'finance', 'data_pipeline', 'admin', 'project_manager', 'sync_service']
    const found = findActor(
      stage,
      actor => roles.includes(actor.role.name) && able(actor, isExport).length > 0,
    )
    if (!found) return
    const { actor, day, pace } = found
    const exports = stage.random.shuffle(able(actor, isExport)).slice(0, 2)
    const start = at(stage, actor, day, actor.workStart + stage.random.uniform(0, 8))
    const count = jobSize(stage, pace, stage.random.uniform(0.3, 2), 15)
    const heavy = stage.random.uniform(1, 4)
    job(stage, actor, {
      start,
      count,
      gapMs: 5000,
      next: drawn(actor, day, exports, 'owned', step => {
        step.heavy = heavy
      }),
    })
    stage.note(actor, start, start + count * 6000)
  },
}

/** Everything that can be downloaded is, once. */
const backup: SurpriseKind = {
  kind: 'backup',
  per: 'tokens',
  rate: 0.2,
  stage(stage) {
    const heavyReads = (actor: Actor) => able(actor, index => isExport(index) || isList(index))
    const found = findActor(stage, actor => isMachine(actor.role) && heavyReads(actor).length >= 2)
    if (!found) return
    const { actor, day, pace } = found
    const start = at(stage, actor, day, stage.random.uniform(0, 5))
    const count = jobSize(stage, pace, stage.random.uniform(1, 4), 120)
    job(stage, actor, {
      start,
      count,
      gapMs: 700,
      next: drawn(actor, day, heavyReads(actor), 'owned', step => {
        step.heavy = 3
      }),
    })
    stage.note(actor, start, start + count * 900)
  },
}

/** Spring cleaning: old objects are deleted by the dozen. */
const cleanupJob: SurpriseKind = {
  kind: 'cleanup_job',
  per: 'tokens',
  rate: 0.4,
  stage(stage) {
    const found = findActor(stage, actor => able(actor, isDelete).length > 0)
    if (!found) return
    const { actor, day, pace } = found
    const { random } = stage
    const [operation] = random.shuffle(able(actor, isDelete))
    const start = at(stage, actor, day, actor.workStart + random.uniform(0, 8))
    const count = jobSize(stage, pace, random.uniform(0.3, 2), 20)
    const gapMs = isMachine(actor.role) ? 400 : random.uniform(900, 4000)
    job(stage, actor, {
      start,
      count,
      gapMs,
      next: drawn(actor, day, [operation!], random.chance(0.5) ? 'owned' : 'working', (step, draws) => {
        if (draws.chance(0.04)) step.status = 404
      }),
    })
    stage.note(actor, start, start + count * gapMs * 1.3)
  },
}

/** A token that works once a quarter: nothing for weeks, then a day of its own. */
const quarterlyJob: SurpriseKind = {
  kind: 'quarterly_job',
  per: 'tokens',
  rate: 0.15,
  stage(stage) {
    const { world, random } = stage
    const found = findActor(
      stage,
      (actor, day) =>
        day >= Math.min(10, world.days - 1) &&
        (isMachine(actor.role) || actor.role.name === 'finance' || actor.role.name === 'analyst'),
    )
    if (!found) return
    const { actor, day, pace } = found
    const seen = 1 + random.int(3)
    const start = dayStart(stage, day) + random.uniform(0.2, 0.8) * DAY
    stage.overlay(actor, { start: dayStart(stage, seen), end: Number.POSITIVE_INFINITY, absent: true })
    const count = jobSize(stage, pace, 1.5, 40)
    job(stage, actor, { start, count, gapMs: isMachine(actor.role) ? 500 : 5000, next: ownWork(actor, day) })
    stage.note(actor, start, start + count * 7000)
  },
}

export const JOBS = [pagingExport, syncJob, biExtract, backup, cleanupJob, quarterlyJob]

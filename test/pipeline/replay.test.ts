import { createHash } from 'node:crypto'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { FEATURES } from '../../src/features/catalogue.ts'
import { columnOf } from '../../src/lib/matrix.ts'
import { readBatch } from '../../src/pipeline/batch.ts'
import { explain } from '../../src/pipeline/explain.ts'
import { loadModel, showModel } from '../../src/pipeline/models.ts'
import { recomputeAlert } from '../../src/pipeline/recompute.ts'
import { type ReplayOptions, replay } from '../../src/pipeline/replay.ts'
import { score } from '../../src/pipeline/score.ts'
import { train } from '../../src/pipeline/train.ts'
import { judgeAlert, listAlerts } from '../../src/pipeline/triage.ts'
import { parseChange } from '../../src/schema/change.ts'
import { alertsPerDayAt, scoreWindows, WORSE_FEATURES } from '../../src/scoring.ts'
import { withState } from '../../src/state/state.ts'
import { addSuppression } from '../../src/state/suppressions.ts'
import { addEvents } from '../engine/tiny-world.ts'
import { dayAt, days, type Office, officeCall, openOffice, takeover } from './office.ts'

let office: Office
let scratch: string
let stored: Awaited<ReturnType<typeof listAlerts>>

// Eight days to train on, two to score; two takeovers on the second of them.
beforeAll(async () => {
  office = await openOffice([...days(0, 10), ...takeover(9, 4), ...takeover(9, 5)])
  scratch = mkdtempSync(join(tmpdir(), 'keyhound-replay-'))
  await train(office.context, { until: dayAt(8) })
  await score(office.context, { from: dayAt(8) })
  stored = await listAlerts(office.context)
}, 60_000)
afterAll(() => {
  office.world.close()
  rmSync(scratch, { recursive: true, force: true })
})

/** Path and content of everything that lies in the workspace's tables and models. */
function dumpFiles(): string[] {
  return ['data', 'models'].flatMap(folder => {
    const root = join(office.world.workspace.root, folder)
    return readdirSync(root, { recursive: true, withFileTypes: true })
      .filter(entry => entry.isFile())
      .map(entry => {
        const file = join(entry.parentPath, entry.name)
        return `${file} ${createHash('sha256').update(readFileSync(file)).digest('hex')}`
      })
      .sort()
  })
}

let runs = 0
/** Replays a change in a scratch folder of its own, and sees to it that the workspace stays as it is. */
async function tried(value: unknown, options: Partial<ReplayOptions> = {}) {
  const parsed = parseChange(value)
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
  const before = dumpFiles()
  const report = await replay(office.context, {
    change: parsed.change,
    scratch: join(scratch, String(runs++)),
    owner: 'dana',
    ...options,
  })
  expect(dumpFiles()).toEqual(before)
  return report
}

const tokens = (changes: readonly { tokenId: string }[]) => changes.map(one => one.tokenId).sort()

function labelsFile(): string {
  const file = join(scratch, 'labels.csv')
  const row = (token: number) =>
    `token-${token},${dayAt(9, 3).toISOString()},${dayAt(9, 4).toISOString()},theft-${token},takeover`
  writeFileSync(file, `token_id,start,end,incident_id,attack_type\n${row(4)}\n${row(5)}\n`)
  return file
}

describe('where alerts begin', () => {
  test('the budget that stands changes nothing, and gives what is stored', async () => {
    const report = await tried({ budget: 0.5 })
    expect(report).toMatchObject({ days: 2, kept: stored.length, gained: [], lost: [], from: dayAt(8, 9) })
    expect(report.stored).toEqual({ alerts: stored.length, differing: 0 })
    expect(report.before).toEqual(report.after)
    expect(stored.length).toBeGreaterThanOrEqual(2)
  })

  test('a larger budget only gains, at lower risk; hours follow from alerts and minutes', async () => {
    const report = await tried({ budget: '12/day', config: { alerts: { minutesPerAlert: 30 } } })
    expect(report.lost).toEqual([])
    expect(report.gained.length).toBeGreaterThan(0)
    expect(report.after.alerts).toBe(stored.length + report.gained.length)
    expect(report.after.analystHours).toBe(report.after.alerts / 2)
    for (const alert of report.gained) {
      expect(alert.riskBefore).toBeLessThan(50)
      expect(alert.riskAfter).toBeGreaterThanOrEqual(50)
      expect(alert.because).toBe('below the threshold')
    }
  })

  test('a least score raises exactly what reaches it; a least risk is the budget that it amounts to', async () => {
    const [first, second] = stored.map(alert => alert.score).sort((a, b) => b - a)
    const highest = stored.filter(alert => alert.score === first)
    const report = await tried({ scoreThreshold: first! })
    expect(report.after.alerts).toBe(highest.length)
    expect(tokens(report.lost)).toEqual(tokens(stored.filter(alert => alert.score < first!)))
    const { detectors } = await loadModel(office.world.workspace)
    expect(report.after.budgetPerDay).toBe(alertsPerDayAt(detectors, first!))
    expect(second).toBeDefined()
    // Risk 80 at half an alert a day: 0.5 (100 - 80) / 80.
    const byRisk = await tried({ riskThreshold: 80 })
    expect(byRisk.after.budgetPerDay).toBe(0.125)
    expect(byRisk.after.alerts).toBe(stored.filter(alert => alert.risk >= 80).length)
  })
})

describe('suppressions', () => {
  const change = { suppressions: { add: [{ tokenId: 'token-4', because: 'a drill' }] } }

  test('one more loses the alert and, with labels, names the incident that nobody would see', async () => {
    const report = await tried(change, { labels: labelsFile() })
    expect(tokens(report.lost)).toEqual(['token-4'])
    expect(report.lost[0]).toMatchObject({
      because: 'held back: suppression -1 by dana: a drill',
      incidents: ['theft-4'],
      day: '2026-03-11',
    })
    expect(report.incidents).toEqual({
      knownFrom: 'labels',
      known: 2,
      gained: [],
      lost: [{ incidentId: 'theft-4', attackType: 'takeover', days: ['2026-03-11'] }],
    })
    expect([report.before.incidentsFound, report.after.incidentsFound]).toEqual([2, 1])
    expect(report.before.truePositives).toBe(2)
    expect(report.before.precision).toBe(2 / stored.length)
    expect([report.before.heldBack, report.after.heldBack]).toEqual([0, 1])
  })

  test('of a token without an alert loses nothing', async () => {
    const idle = 'token-11'
    expect(tokens(stored)).not.toContain(idle)
    const report = await tried({ suppressions: { add: [{ tokenId: idle, because: 'a drill' }] } })
    expect(report).toMatchObject({ gained: [], lost: [], kept: stored.length })
  })

  test('one less brings back what it held; verdicts stand in for labels', async () => {
    const { workspace } = office.world
    const id = await withState(workspace, state =>
      addSuppression(state, {
        tokenId: 'token-5',
        because: 'a mistake',
        owner: 'dana',
        createdAt: dayAt(29),
        expiresAt: dayAt(40),
      }),
    )
    const theft = stored.find(alert => alert.tokenId === 'token-5')!
    await judgeAlert(office.context, theft.alertId, { verdict: 'true_positive', note: null, who: 'ann' })
    const report = await tried({ suppressions: { remove: [id] } })
    expect(tokens(report.gained)).toEqual(['token-5'])
    expect(report.gained[0]).toMatchObject({
      because: `held back: suppression ${id} by dana: a mistake`,
      verdict: 'true_positive',
    })
    expect(report.incidents).toMatchObject({ knownFrom: 'verdicts', known: 1, lost: [] })
    expect(tokens(report.incidents.gained.map(one => ({ tokenId: one.incidentId })))).toEqual([
      theft.incidentId,
    ])
    // The stored alert of the token is shown; scored again today it would be held back.
    expect(report.stored.differing).toBe(1)
    const unknown = tried({ suppressions: { remove: [99] } })
    await expect(unknown).rejects.toMatchObject({ code: 'not-found', message: expect.stringContaining('99') })
    await withState(workspace, state => state.db.deleteFrom('suppressions').execute())
  })
})

describe('features left out', () => {
  const leaveOut = FEATURES.filter(feature => feature.group === 'network').map(feature => feature.name)

  test('surprise nobody, and leave the surprises of the others as they are, to the last bit', async () => {
    const { engine, workspace } = office.world
    const { detectors } = await loadModel(workspace)
    const scored = async (names: string[]) =>
      scoreWindows(detectors, await readBatch(engine, workspace, ['2026-03-11'], { leaveOut: names }))
    const [was, is] = [await scored([]), await scored(leaveOut)]
    const columnsOf = (of: typeof was, isLeftOut: boolean) =>
      WORSE_FEATURES.flatMap((name, c) =>
        leaveOut.includes(name) === isLeftOut ? [[name, ...columnOf(of.surprises, c)]] : [],
      )
    expect(columnsOf(is, false)).toEqual(columnsOf(was, false))
    const told = (of: typeof was) =>
      columnsOf(of, true).flatMap(([, ...nats]) => nats.filter(one => one !== 0))
    expect(told(was).length).toBeGreaterThan(0)
    expect(told(is)).toEqual([])
  })

  test('leave the model as it is, and are counted in a note', async () => {
    const report = await tried({ features: { leaveOut: ['network'] }, budget: 0.5 })
    expect(report.after.models).toEqual(report.before.models)
    expect(report.notes.join()).toContain(`${leaveOut.length} features count as unknown`)
  })

  test('that are none, or that no score rests on, are refused by name', async () => {
    await expect(tried({ features: { leaveOut: ['luck', 'maturity'] } })).rejects.toMatchObject({
      code: 'bad-input',
      message: expect.stringMatching(/"luck" is no feature.*"maturity" is context/),
    })
  })
})

describe('another model', () => {
  test('trained again as it was has the same content and raises the same alerts', async () => {
    const report = await tried({ retrain: true })
    expect(report.after.models.map(one => one.contentId)).toEqual([
      showModel(office.world.workspace, 'default@1').contentId,
    ])
    expect(report).toMatchObject({ gained: [], lost: [], kept: stored.length })
  })

  test('of another seed is another content, thrown away; the takeovers stay found', async () => {
    const report = await tried({ config: { seed: 7 } }, { labels: labelsFile() })
    expect(report.after.models[0]!.contentId).not.toBe(report.before.models[0]!.contentId)
    expect(report.after.incidentsFound).toBe(2)
    expect(report.notes.join()).toContain('trained aside')
  })

  test('of principals who have one token each sees what that of tokens sees', async () => {
    const report = await tried({ entity: 'principal' }, { labels: labelsFile() })
    expect(report).toMatchObject({ gained: [], lost: [], kept: stored.length })
    expect(report.after.incidentsFound).toBe(2)
  })
})

describe('the past, worked out again', () => {
  test('is exact by the model that made it, after newer ones, and whatever that model is called', async () => {
    const { workspace } = office.world
    await train(office.context, { until: dayAt(8), seed: 5 })
    await train(office.context, { until: dayAt(8), name: 'again' })
    const first = showModel(workspace, 'default@1').contentId
    expect(showModel(workspace, 'again').contentId).toBe(first)
    expect(showModel(workspace, 'default').contentId).not.toBe(first)
    expect(showModel(workspace, first.slice(0, 8)).name).toBe('default')

    const check = async () => {
      for (const alert of stored) {
        expect(await recomputeAlert(office.context, alert)).toEqual({
          contentId: first,
          changed: null,
          differences: [],
        })
      }
      const told = await explain(office.context, { tokenId: 'token-4', window: dayAt(9, 3) })
      expect(told).toMatchObject({ contentId: first, recomputed: { isExact: true, changed: null } })
    }
    await check()
    // The folder is lost, and its name given to another model: the one of the same content answers.
    rmSync(join(workspace.models, 'default', '1'), { recursive: true })
    await check()
    cpSync(join(workspace.models, 'default', '2'), join(workspace.models, 'default', '1'), {
      recursive: true,
    })
    await check()
    rmSync(join(workspace.models, 'again'), { recursive: true })
    await expect(recomputeAlert(office.context, stored[0]!)).rejects.toMatchObject({
      code: 'not-found',
      message: expect.stringContaining(first.slice(0, 12)),
    })
    await train(office.context, { until: dayAt(8), name: 'restored' })
    await check()
  })

  test('is said to differ where the features were rebuilt, and a replay of stale ones is refused', async () => {
    await addEvents(office.world, [officeCall(8, 3, 20, 0)], 'late')
    await expect(tried({ budget: 3 })).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('keyhound score --from 2026-03-10'),
    })
    // Another model's training over all days rebuilds the features; the stored scores are of the former ones.
    await train(office.context, { name: 'other' })
    const told = await explain(office.context, { tokenId: 'token-4', window: dayAt(9, 3) })
    expect(told.recomputed.changed).toMatch(/rebuilt since it was scored \(stamp [\w-]+, now [\w-]+\)/)
    const report = await tried({ budget: 0.5 })
    expect(report.notes.join()).toContain('the features of 2 days were rebuilt')
  })
})

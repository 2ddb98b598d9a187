import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readEvents } from '../../src/pipeline/example-events.ts'
import { ingest } from '../../src/pipeline/ingest.ts'
import { score } from '../../src/pipeline/score.ts'
import { train } from '../../src/pipeline/train.ts'
import { watch } from '../../src/pipeline/watch.ts'
import { openScorer } from '../../src/scoring.ts'
import { linesOf, liveOptions } from './live-office.ts'
import { dayAt, days, type Office, officeCall, openOffice } from './office.ts'

/** The same event id, moment and token id at two customers of one gateway: two events, whichever way they come. */
const shared = { ...officeCall(10, 2, 9, 41), event_id: 'one-id' }
const acme = { ...shared, tenant_id: 'acme', operation: 'GET /acme' }
const globex = { ...shared, tenant_id: 'globex', operation: 'GET /globex' }

let office: Office
beforeEach(async () => {
  office = await openOffice(days(0, 9))
})
afterEach(() => office.world.close())

const ingestOne = async (event: typeof acme) => {
  const file = join(office.context.workspace.root, `${event.tenant_id}.jsonl`)
  writeFileSync(file, linesOf([event]))
  const { added, duplicates } = await ingest(office.context, { paths: [file], tokens: 'identifier' })
  rmSync(file)
  return { added, duplicates }
}

const stored = () =>
  office.context.engine.rows<{ tenant_id: string; operation: string }>(
    `SELECT tenant_id, operation FROM read_parquet('${office.context.workspace.events}/**/*.parquet')
     WHERE event_id = 'one-id' ORDER BY tenant_id`,
  )

test('ingest keeps both, and each one once', async () => {
  expect(await ingestOne(acme)).toEqual({ added: 1, duplicates: 0 })
  expect(await ingestOne(globex)).toEqual({ added: 1, duplicates: 0 })
  expect(await ingestOne(acme)).toEqual({ added: 0, duplicates: 1 })
  expect((await stored()).map(row => row.tenant_id)).toEqual(['acme', 'globex'])
})

test('an event that another tenant has stored is scored', async () => {
  await train(office.context, { until: dayAt(8) })
  await score(office.context, { to: dayAt(9) })
  const { workspace, config, engine } = office.context
  const scorer = await openScorer(workspace.root, { config: config!, engine })
  const ask = () =>
    scorer.scoreEvents(
      { rows: [{ ...globex, time: new Date(Number(globex.time)).toISOString() }] },
      { tokens: 'identifier', tenant: 'globex' },
    )
  const hours = async () => (await ask()).hours.map(hour => [hour.tenantId, hour.events])
  expect(await hours()).toEqual([['globex', 1]])
  await ingestOne(acme)
  expect(await hours()).toEqual([['globex', 1]])
  scorer.close()
})

test('what is watched keeps both', async () => {
  await train(office.context, { until: dayAt(8) })
  const file = join(office.context.workspace.root, 'live.jsonl')
  writeFileSync(file, linesOf([acme, globex]))
  await watch(office.context, liveOptions(office.context.workspace, file, dayAt(11)))
  expect((await stored()).map(row => row.tenant_id)).toEqual(['acme', 'globex'])
})

test('the events that show an alert are those of its tenant', async () => {
  await ingestOne(acme)
  await ingestOne(globex)
  const day = [new Date(Number(shared.time)).toISOString().slice(0, 10)]
  const operationOf = async (tenantId: string) =>
    (await readEvents(office.context, day, tenantId, ['one-id'])).get('one-id')?.operation
  expect([await operationOf('acme'), await operationOf('globex')]).toEqual(['GET /acme', 'GET /globex'])
})

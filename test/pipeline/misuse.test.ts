import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readBatch } from '../../src/pipeline/batch.ts'
import { type Misuse, markMisuse, readMisuse } from '../../src/pipeline/misuse.ts'
import { prepare } from '../../src/pipeline/prepare.ts'
import { score } from '../../src/pipeline/score.ts'
import { train } from '../../src/pipeline/train.ts'
import { withState } from '../../src/state/state.ts'
import { recordVerdict } from '../../src/state/verdicts.ts'
import { dayAt, days, type Office, openOffice, takeover } from './office.ts'

const DAYS = 7
const END = dayAt(DAYS)
let office: Office

beforeAll(async () => {
  office = await openOffice([
    ...days(0, DAYS),
    ...takeover(5, 4),
    // The same token id in another tenant is another token.
    ...takeover(5, 4).map(event => ({ ...event, event_id: `zeta-${event.event_id}`, tenant_id: 'zeta' })),
  ])
  await prepare(office.context)
})
afterAll(() => office.world.close())

function labels(text: string): string {
  const folder = join(office.world.workspace.root, 'labels')
  mkdirSync(folder, { recursive: true })
  const file = join(folder, 'labels.csv')
  writeFileSync(file, text)
  return file
}

const hoursOf = ({ token, start }: Misuse) =>
  token.map((name, i) => `${name} ${new Date(start[i]!).toISOString().slice(0, 13)}`)

describe('readMisuse', () => {
  test('without labels and verdicts nothing is misuse', async () => {
    const misuse = await readMisuse(office.context, undefined, END)
    expect(misuse).toMatchObject({ token: [], labelledFrom: null })
  })

  test('labelled events mark the hours that they fall in, of their tenant alone', async () => {
    const file = labels(
      'event_id,incident_id,attack_type\ntakeover-5-4-0,one,takeover\ntakeover-5-4-9,one,takeover\n5-2-11-0,two,probe\n',
    )
    const misuse = await readMisuse(office.context, file, END)
    expect(hoursOf(misuse)).toEqual(['acme/token-2 2026-03-07T11', 'acme/token-4 2026-03-07T03'])
    expect(misuse.labelledFrom).toBe(dayAt(5, 3).getTime())
  })

  test('a labelled span marks every hour of the token that it touches', async () => {
    const span = (from: string, until: string) =>
      labels(
        `token_id,start,end,incident_id,attack_type\ntoken-1,2026-03-04T${from},2026-03-04T${until},one,x\n`,
      )
    const touched = async (from: string, until: string) =>
      hoursOf(await readMisuse(office.context, span(from, until), END)).map(hour => hour.slice(-2))
    expect(await touched('09:59:59Z', '11:00:00Z')).toEqual(['09'])
    expect(await touched('10:00:00Z', '11:00:01Z')).toEqual(['11'])
    expect(await touched('09:30:00Z', '16:30:00Z')).toEqual(['09', '11', '16'])
  })

  test('what lies behind the end of training is not known yet', async () => {
    const file = labels('event_id,incident_id,attack_type\ntakeover-5-4-0,one,takeover\n')
    expect((await readMisuse(office.context, file, dayAt(5))).token).toEqual([])
    expect((await readMisuse(office.context, file, dayAt(5, 4))).token).toEqual(['acme/token-4'])
  })
})

test('markMisuse marks the rows of a batch', async () => {
  const file = labels('event_id,incident_id,attack_type\ntakeover-5-4-0,one,takeover\n')
  const misuse = await readMisuse(office.context, file, END)
  const batch = await readBatch(office.world.engine, office.world.workspace, ['2026-03-07'])
  const marked = [...markMisuse(misuse, batch.keys)].flatMap((mark, row) =>
    mark === 1
      ? [[batch.keys.tenantId[row], batch.keys.tokenId[row], new Date(batch.keys.windowStart[row]!)]]
      : [],
  )
  expect(marked).toEqual([['acme', 'token-4', dayAt(5, 3)]])
})

test('an alert judged true_positive is misuse from the next training on; other verdicts are not', async () => {
  await train(office.context, { until: dayAt(5) })
  await score(office.context)
  const alerts = await office.rows<{ alert_id: string; tenant_id: string; token_id: string }>(
    `SELECT alert_id, tenant_id, token_id FROM alerts WHERE token_id = 'token-4' AND first_seen < TIMESTAMP '2026-03-08' ORDER BY tenant_id`,
  )
  expect(alerts.map(alert => alert.tenant_id)).toEqual(['acme', 'zeta'])
  for (const [i, verdict] of (['true_positive', 'benign_trigger'] as const).entries()) {
    const { alert_id, tenant_id, token_id } = alerts[i]!
    await withState(office.world.workspace, state =>
      recordVerdict(state, {
        alertId: alert_id,
        verdict,
        note: null,
        who: 'dana',
        at: dayAt(8),
        tenantId: tenant_id,
        tokenId: token_id,
        reasonCode: null,
      }),
    )
  }
  const misuse = await readMisuse(office.context, undefined, END)
  expect(hoursOf(misuse)).toContain('acme/token-4 2026-03-07T03')
  expect(misuse.token.every(token => token === 'acme/token-4')).toBe(true)
  expect([...misuse.setAside]).toEqual([expect.stringMatching(/^zeta\/token-4 \d+$/)])
  expect((await train(office.context, { name: 'judged' })).excludedWindows).toBe(
    misuse.token.length + misuse.setAside.size,
  )
})

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { runCloudtrail } from '../../scripts/bench/real/cloudtrail.ts'
import { runTakeover, TAKEOVER_REFERENCE } from '../../scripts/bench/real/github-takeover.ts'
import { hasDataset } from '../../scripts/bench/real/harness.ts'

/** Two months of 545 accounts go all the way: a minute or so on a busy machine. */
const WHOLE_ROAD_MS = 600_000

let scratch: string
beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), 'keyhound-real-data-'))
})
afterEach(() => rmSync(scratch, { recursive: true, force: true }))

test.skipIf(!hasDataset('cloudtrail_raw'))(
  'real CloudTrail files go from log to alerts without a reject (skipped without the cloudtrail_raw data set)',
  async () => {
    const figures = await runCloudtrail(scratch)
    expect(figures).toMatchObject({ files: 55, events: 2900, rejected: 0, tokens: 146 })
    expect(figures.windows).toBeGreaterThanOrEqual(figures.tokens)
    expect(figures.alerts).toBeGreaterThan(0)
    for (const alert of figures.topAlerts) expect(alert.title).not.toBe('')
  },
)

test.skipIf(!hasDataset('github_takeover_spliced'))(
  'taken-over GitHub accounts rank higher than under the reference forest (skipped without github_takeover_spliced)',
  async () => {
    const figures = await runTakeover(scratch)
    expect(figures.incidents).toBe(40)
    const ours = figures.rankings[0]!
    expect(ours.averagePrecision).toBeGreaterThan(TAKEOVER_REFERENCE.averagePrecision)
    expect(ours.auroc).toBeGreaterThan(TAKEOVER_REFERENCE.auroc)
  },
  WHOLE_ROAD_MS,
)

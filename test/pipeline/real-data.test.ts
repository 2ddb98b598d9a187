import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { runCloudtrail } from '../../scripts/bench/real/cloudtrail.ts'
import { hasDataset } from '../../scripts/bench/real/harness.ts'

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

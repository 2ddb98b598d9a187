import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { ingest } from '../../../src/pipeline/ingest.ts'
import { score } from '../../../src/pipeline/score.ts'
import { train } from '../../../src/pipeline/train.ts'
import { listAlerts } from '../../../src/pipeline/triage.ts'
import { datasetFile, withTrial } from './harness.ts'

const MOST_TITLES = 10

export interface CloudtrailFigures {
  readonly files: number
  readonly events: number
  readonly rejected: number
  readonly tokens: number
  readonly windows: number
  readonly alerts: number
  /** Highest risk first. */
  readonly topAlerts: readonly { token: string; risk: number; title: string }[]
}

/**
 * CloudTrail files as AWS delivers them, an hour of one account: everything is both trained on and scored, which shows that the
 * road holds on real files, not how well it detects.
 */
export function runCloudtrail(scratch: string): Promise<CloudtrailFigures> {
  return withTrial(scratch, async ({ context, file }) => {
    const folder = file('cloudtrail')
    mkdirSync(folder, { recursive: true })
    execFileSync('tar', ['xzf', datasetFile('cloudtrail_raw', 'cloudtrail_raw.tgz'), '-C', folder])
    const ingested = await ingest(context, { paths: [folder] })
    await train(context)
    const scored = await score(context)
    const alerts = await listAlerts(context)
    return {
      files: ingested.files.length,
      events: ingested.added,
      rejected: ingested.rejected,
      tokens: ingested.tokens,
      windows: scored.windows,
      alerts: scored.alerts,
      topAlerts: alerts
        .slice(0, MOST_TITLES)
        .map(alert => ({ token: alert.tokenId, risk: alert.risk, title: alert.title })),
    }
  })
}

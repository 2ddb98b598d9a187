import './token.css'
import { useSignal } from '@preact/signals'
import { useRoute } from 'preact-iso/router'
import { alertAddress } from '../../lib/addresses.ts'
import { api, ask, askAll } from '../../lib/api.ts'
import { formatNumber } from '../../lib/format.ts'
import { useResource } from '../../lib/resource.ts'
import { Severity, VerdictBadge } from '../../ui/badge.tsx'
import { Card } from '../../ui/card.tsx'
import { type Fact, Facts } from '../../ui/facts.tsx'
import { EmptyState, Loaded } from '../../ui/states.tsx'
import { Table } from '../../ui/table.tsx'
import { Time } from '../../ui/time.tsx'
import { Causes } from './causes.tsx'
import { Hour } from './hour.tsx'
import { Lineage } from './lineage.tsx'
import { Operations } from './operations.tsx'
import { Origins } from './origins.tsx'
import { type Activity, type Alert, type Profile, riskiestHour, windowsOf } from './story.ts'
import { Timeline } from './timeline.tsx'
import { Week } from './week.tsx'

/** The story of one token, on one screen. */
export default function Token() {
  const { params, query } = useRoute()
  const tokenId = params.tokenId!
  const tenantId = query.tenant
  const key = `${tenantId} ${tokenId}`
  const asked = { path: { tokenId }, query: { tenantId } }
  const activity = useResource(() => ask(api.GET('/v1/tokens/{tokenId}/activity', { params: asked })), key, [
    'scores',
  ])
  const profile = useResource(() => ask(api.GET('/v1/tokens/{tokenId}/profile', { params: asked })), key, [
    'scores',
    'models',
  ])
  const alerts = useResource(
    () =>
      askAll<Alert>(cursor =>
        api.GET('/v1/alerts', {
          params: { query: { tokenId, tenantId, status: 'all', limit: 200, cursor } },
        }),
      ),
    key,
    ['alerts', 'desk'],
  )
  return (
    <div class="view token" key={key}>
      <Loaded of={activity} what="the token's story">
        {data => <Story activity={data} profile={profile} alerts={alerts.data ?? []} />}
      </Loaded>
    </div>
  )
}

interface StoryProps {
  readonly activity: Activity
  readonly profile: ReturnType<typeof useResource<Profile>>
  readonly alerts: readonly Alert[]
}

function Story({ activity, profile, alerts }: StoryProps) {
  const picked = useSignal<string | null>(null)
  const windows = windowsOf(alerts)
  const chosen = picked.value ?? riskiestHour(activity.hours)
  const choose = (hour: string) => {
    picked.value = hour
  }
  return (
    <>
      <Head activity={activity} alerts={alerts} />
      <Timeline activity={activity} windows={windows} chosen={chosen} onChoose={choose} />
      <div class="grid">
        <div class="stack">
          {chosen === null ? (
            <EmptyState title="No hour has traffic" />
          ) : (
            <Hour activity={activity} chosen={chosen} onChoose={choose} />
          )}
          <Causes activity={activity} windows={windows} onChoose={choose} />
          <Alerts alerts={alerts} />
        </div>
        <Loaded of={profile} what="the profile">
          {data => (
            <div class="stack">
              <Week activity={activity} windows={windows} clock={data.clock} />
              <Origins profile={data} windows={windows} />
              <Operations profile={data} />
              <Lineage tenantId={activity.subject.tenantId} tokenId={activity.subject.tokenId} />
            </div>
          )}
        </Loaded>
      </div>
    </>
  )
}

function Head({ activity, alerts }: { readonly activity: Activity; readonly alerts: readonly Alert[] }) {
  const { subject } = activity
  const open = alerts.filter(alert => alert.status === 'new' || alert.status === 'acknowledged').length
  const facts: Fact[] = [
    ['Principal', subject.principalId],
    ['Tenant', subject.tenantId],
    ['Role', subject.role ?? 'unknown'],
    ['Peers', `${formatNumber(subject.peers)} of its tenant and role`],
    ['First seen', <Time key="first" at={subject.firstHour} />],
    ['Last seen', <Time key="last" at={subject.lastHour} />],
    ['Alerts', `${formatNumber(alerts.length)}, ${formatNumber(open)} open`],
  ]
  if (subject.createdAt !== null)
    facts.splice(4, 0, ['Created', <Time key="created" at={subject.createdAt} />])
  return (
    <div class="token-head">
      <h1>
        <span class="quiet">Token </span>
        <span class="mono">{subject.tokenId}</span>
      </h1>
      <Facts class="token-facts" of={facts} />
    </div>
  )
}

function Alerts({ alerts }: { readonly alerts: readonly Alert[] }) {
  return (
    <Card title="Its alerts" aside="press one to judge it">
      {alerts.length === 0 ? (
        <p class="quiet">It never raised one.</p>
      ) : (
        <Table
          caption="Alerts of the token"
          rows={alerts.toSorted((a, b) => b.firstSeen.localeCompare(a.firstSeen))}
          keyOf={alert => alert.alertId}
          columns={[
            { name: 'First seen', cell: alert => <Time at={alert.firstSeen} /> },
            { name: 'Severity', cell: alert => <Severity of={alert.severity} /> },
            { name: 'Risk', isNumber: true, cell: alert => alert.risk.toFixed(0) },
            { name: 'Alert', cell: alert => <a href={alertAddress(alert.alertId)}>{alert.title}</a> },
            {
              name: 'Verdict',
              cell: alert =>
                alert.verdict === null ? (
                  <span class="quiet">–</span>
                ) : (
                  <VerdictBadge of={alert.verdict.verdict} />
                ),
            },
          ]}
        />
      )}
    </Card>
  )
}

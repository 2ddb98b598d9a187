import { useSignal } from '@preact/signals'
import { useLocation } from 'preact-iso/router'
import { tokenAddress } from '../../lib/addresses.ts'
import { api, ask, type Row } from '../../lib/api.ts'
import { formatNumber, shortId } from '../../lib/format.ts'
import { useResource } from '../../lib/resource.ts'
import { Severity } from '../../ui/badge.tsx'
import { Choice, Field } from '../../ui/field.tsx'
import { EmptyState, Loaded } from '../../ui/states.tsx'
import { Table } from '../../ui/table.tsx'
import { Time } from '../../ui/time.tsx'

/** Rows of the list: who needs more narrows it down. */
const MOST = 200
const SORTS = [
  ['risk', 'riskiest hour'],
  ['entityRisk', 'what its alerts add up to'],
] as const

/** Every token by risk. */
export default function Tokens() {
  const { route } = useLocation()
  const text = useSignal('')
  const sort = useSignal<'risk' | 'entityRisk'>('risk')
  const tokens = useResource(
    () => ask(api.GET('/v1/tokens', { params: { query: { sort: sort.value, limit: MOST } } })),
    sort.value,
    ['scores', 'alerts', 'desk'],
  )
  return (
    <div class="view">
      <div class="view-head">
        <h1>Tokens</h1>
        <span class="quiet">the last 30 days of what is scored</span>
        <span class="grow" />
        <form
          onSubmit={event => {
            event.preventDefault()
            const wanted = text.value.trim()
            if (wanted !== '') route(`/tokens/${encodeURIComponent(wanted)}`)
          }}
        >
          <Field
            label="Find (Enter opens a token by its whole id)"
            type="search"
            placeholder="token, principal or tenant"
            value={text.value}
            onInput={event => {
              text.value = event.currentTarget.value
            }}
          />
        </form>
        <Choice
          label="Order by"
          options={SORTS}
          value={sort.value}
          onChange={event => {
            sort.value = event.currentTarget.value as typeof sort.value
          }}
        />
      </div>
      <Loaded of={tokens} what="tokens">
        {({ items, next }) =>
          items.length === 0 ? (
            <EmptyState title="No hour is scored yet">
              <p>
                <code>keyhound score</code> scores what was ingested.
              </p>
            </EmptyState>
          ) : (
            <div class="card">
              <Table
                caption="Tokens by risk"
                rows={items.filter(matches(text.value))}
                keyOf={token => `${token.tenantId} ${token.tokenId}`}
                columns={[
                  {
                    name: 'Token',
                    cell: token => (
                      <a class="mono" href={tokenAddress(token)} title={token.tokenId}>
                        {shortId(token.tokenId)}
                      </a>
                    ),
                  },
                  { name: 'Tenant', cell: token => token.tenantId },
                  {
                    name: 'Principal',
                    cell: token => <span title={token.principalId}>{shortId(token.principalId, 24)}</span>,
                  },
                  { name: 'Severity', cell: token => <Severity of={token.severity} /> },
                  { name: 'Highest risk', isNumber: true, cell: token => token.risk.toFixed(0) },
                  { name: 'Risk of its alerts', isNumber: true, cell: token => token.entityRisk.toFixed(0) },
                  { name: 'Open alerts', isNumber: true, cell: token => formatNumber(token.openAlerts) },
                  { name: 'Riskiest hour', cell: token => <Time at={token.riskiestHour} /> },
                  { name: 'Last hour', cell: token => <Time at={token.lastHour} /> },
                  { name: 'Hours', isNumber: true, cell: token => formatNumber(token.hours) },
                ]}
              />
              {next !== null && <p class="quiet small">The first {MOST} are shown.</p>}
            </div>
          )
        }
      </Loaded>
    </div>
  )
}

function matches(text: string): (token: Row<'Token'>) => boolean {
  const wanted = text.trim().toLowerCase()
  return ({ tokenId, principalId, tenantId }) =>
    [tokenId, principalId, tenantId].some(name => name.toLowerCase().includes(wanted))
}

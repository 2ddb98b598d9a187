import { tokenAddress } from '../../lib/addresses.ts'
import { formatNumber, shortId } from '../../lib/format.ts'
import { Severity } from '../../ui/badge.tsx'
import { Card } from '../../ui/card.tsx'
import { EmptyState } from '../../ui/states.tsx'
import { Table } from '../../ui/table.tsx'
import { Time } from '../../ui/time.tsx'
import type { Answer } from './use-explore.ts'

/** The riskiest token-hours under all brushes, each with the way to its token. */
export function RiskiestRows({ of }: { readonly of: Answer }) {
  const { rows, matching } = of
  return (
    <Card
      title="Riskiest token-hours"
      aside={`${formatNumber(rows.length)} of ${formatNumber(matching)} under the brushes`}
    >
      {rows.length === 0 ? (
        <EmptyState title="No token-hour is under all brushes">
          <p>Widen a brush, or clear them.</p>
        </EmptyState>
      ) : (
        <Table
          caption="Riskiest token-hours under the brushes"
          rows={rows}
          keyOf={row => `${row.tenantId} ${row.tokenId} ${row.windowStart}`}
          columns={[
            { name: 'Risk', isNumber: true, cell: row => row.risk.toFixed(1) },
            { name: 'Severity', cell: row => (row.severity === null ? '–' : <Severity of={row.severity} />) },
            { name: 'Hour', cell: row => <Time at={row.windowStart} /> },
            {
              name: 'Token',
              cell: row => (
                <a class="mono" href={tokenAddress(row)} title={row.tokenId}>
                  {shortId(row.tokenId)}
                </a>
              ),
            },
            {
              name: 'Principal',
              cell: row => <span title={row.principalId}>{shortId(row.principalId, 24)}</span>,
            },
            { name: 'Tenant', cell: row => <span title={row.tenantId}>{shortId(row.tenantId, 24)}</span> },
            { name: 'Strongest detector', cell: row => row.detector?.replaceAll('_', ' ') ?? '–' },
            {
              name: 'Score',
              isNumber: true,
              title: 'before the filter; higher is more anomalous',
              cell: row => row.score.toFixed(1),
            },
          ]}
        />
      )}
    </Card>
  )
}

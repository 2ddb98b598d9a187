import { tokenAddress } from '../../lib/addresses.ts'
import { api, ask } from '../../lib/api.ts'
import { useResource } from '../../lib/resource.ts'
import { Severity } from '../../ui/badge.tsx'
import { Loaded } from '../../ui/states.tsx'
import { Table } from '../../ui/table.tsx'

export default function Queue() {
  const alerts = useResource(() => ask(api.GET('/v1/alerts', { params: { query: { limit: 200 } } })), '', [
    'alerts',
    'desk',
  ])
  return (
    <div class="view">
      <h1>Queue</h1>
      <Loaded of={alerts} what="alerts">
        {({ items }) => (
          <Table
            caption="Alerts"
            rows={items}
            keyOf={alert => alert.alertId}
            columns={[
              { name: 'Severity', cell: alert => <Severity of={alert.severity} /> },
              { name: 'Alert', cell: alert => <a href={tokenAddress(alert)}>{alert.title}</a> },
            ]}
          />
        )}
      </Loaded>
    </div>
  )
}

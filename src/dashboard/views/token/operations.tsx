import { useSignal } from '@preact/signals'
import { formatNumber, formatShare } from '../../lib/format.ts'
import { Badge, type Tone } from '../../ui/badge.tsx'
import { Button } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { Table } from '../../ui/table.tsx'
import { Time } from '../../ui/time.tsx'
import { type Profile, type Standing, standingOf } from './story.ts'

const STANDINGS: Readonly<Record<Standing, { text: string; tone: Tone; title: string }>> = {
  outside: { text: 'outside', tone: 'high', title: 'no other token of its cluster used it in training' },
  rare: { text: 'rare', tone: 'medium', title: 'fewer than one in four of its cluster used it' },
  usual: { text: 'usual', tone: 'good', title: 'usual in its cluster' },
  unused: { text: 'not used', tone: 'info', title: 'usual in its cluster, and not used by it' },
  unknown: { text: '–', tone: 'info', title: 'training did not see this token' },
}
const ORDER: readonly Standing[] = ['outside', 'rare', 'usual', 'unknown', 'unused']
const FIRST_ROWS = 12

/** What the token does beside what the tokens that work alike do. */
export function Operations({ profile }: { readonly profile: Profile }) {
  const isWhole = useSignal(false)
  const { cluster, subject } = profile
  const rows = profile.operations
    .map(one => ({ ...one, standing: standingOf(one) }))
    .sort((a, b) => ORDER.indexOf(a.standing) - ORDER.indexOf(b.standing) || b.requests - a.requests)
  const counts = ORDER.map(
    standing => [standing, rows.filter(row => row.standing === standing).length] as const,
  )
  return (
    <Card
      title="Operations against its permission cluster"
      aside={
        cluster === null
          ? 'training did not see this token'
          : `cluster ${cluster.number} of ${cluster.clusters}: ${cluster.tokens} tokens that work alike`
      }
    >
      <ul class="row">
        {counts
          .filter(([standing, n]) => n > 0 && standing !== 'unknown')
          .map(([standing, n]) => (
            <li key={standing}>
              <Badge tone={STANDINGS[standing].tone} title={STANDINGS[standing].title}>
                {n} {STANDINGS[standing].text}
              </Badge>
            </li>
          ))}
      </ul>
      <Table
        caption="Operations"
        rows={isWhole.value ? rows : rows.slice(0, FIRST_ROWS)}
        keyOf={row => row.operation}
        columns={[
          { name: 'Operation', cell: row => <span class="mono">{row.operation}</span> },
          {
            name: 'In its cluster',
            title: 'share of its tokens that used it in training',
            cell: row =>
              row.standing === 'unknown' ? (
                <span class="quiet" title={STANDINGS.unknown.title}>
                  –
                </span>
              ) : (
                <span class="nowrap">
                  <Badge tone={STANDINGS[row.standing].tone} title={STANDINGS[row.standing].title}>
                    {STANDINGS[row.standing].text}
                  </Badge>{' '}
                  <span class="quiet">{formatShare(row.clusterShare, 0)}</span>
                </span>
              ),
          },
          {
            name: 'Expected',
            isNumber: true,
            title: 'probability that use by this token is normal, says the model',
            cell: row => formatShare(row.expected, 0),
          },
          { name: 'Peers', isNumber: true, cell: row => `${row.peers} of ${subject.peers}` },
          { name: 'Requests', isNumber: true, cell: row => formatNumber(row.requests) },
          { name: 'First seen', cell: row => (row.firstSeen === null ? '–' : <Time at={row.firstSeen} />) },
        ]}
      />
      {rows.length > FIRST_ROWS && (
        <div>
          <Button kind="quiet" aria-expanded={isWhole.value} onClick={() => (isWhole.value = !isWhole.value)}>
            {isWhole.value ? 'Fewer' : `All ${rows.length}`}
          </Button>
        </div>
      )}
    </Card>
  )
}

import { formatDay, formatNumber } from '../../lib/format.ts'
import { Badge } from '../../ui/badge.tsx'
import { Card } from '../../ui/card.tsx'
import { Strip } from '../../ui/strip.tsx'
import { Table } from '../../ui/table.tsx'
import { Time } from '../../ui/time.tsx'
import { daysOf, type Profile, type Window } from './story.ts'

type Origin = Profile['origins'][number]

const FACETS: readonly (readonly [Origin['facet'], string])[] = [
  ['country', 'Countries'],
  ['asn', 'Networks by owner'],
  ['client', 'Clients'],
  ['net', 'Address ranges'],
]
/** Rows told of a facet before the rest is folded away. */
const FIRST_ROWS = 6
const DAY_MS = 86_400_000

/** Where the token was used from and with what, day by day, and who else is. */
export function Origins({
  profile,
  windows,
}: {
  readonly profile: Profile
  readonly windows: readonly Window[]
}) {
  const days = daysOf(profile.subject)
  const marked = new Set(
    days.flatMap((day, i) => {
      const at = Date.parse(day)
      return windows.some(({ from, to }) => from.getTime() < at + DAY_MS && to.getTime() > at) ? [i] : []
    }),
  )
  return (
    <Card
      title="Networks, places and clients"
      aside={`${formatDay(`${days[0]}T12:00:00Z`)} to ${formatDay(`${days.at(-1)}T12:00:00Z`)}; underlined: alerted days`}
    >
      {FACETS.map(([facet, title]) => {
        const rows = profile.origins.filter(one => one.facet === facet).sort(byAlarm(profile))
        if (rows.length === 0) return null
        return (
          <div key={facet} class="origins">
            <h3>
              {title} <span class="quiet small">{formatNumber(rows.length)}</span>
            </h3>
            <OriginTable title={title} rows={rows.slice(0, FIRST_ROWS)} {...{ profile, days, marked }} />
            {rows.length > FIRST_ROWS && (
              <details>
                <summary>{formatNumber(rows.length - FIRST_ROWS)} more</summary>
                <OriginTable
                  title={`More ${title}`}
                  rows={rows.slice(FIRST_ROWS)}
                  {...{ profile, days, marked }}
                />
              </details>
            )}
          </div>
        )
      })}
    </Card>
  )
}

/** First seen within the period, well after the token itself was. */
function isFresh({ subject }: Profile, { firstSeen }: Origin): boolean {
  return Date.parse(firstSeen) - Date.parse(subject.firstHour) > DAY_MS
}

/** What no peer uses and is newest first, then by requests. */
const byAlarm = (profile: Profile) => (a: Origin, b: Origin) =>
  Number(isFresh(profile, b) && b.peers === 0) - Number(isFresh(profile, a) && a.peers === 0) ||
  b.requests - a.requests

interface OriginTableProps {
  readonly title: string
  readonly rows: readonly Origin[]
  readonly profile: Profile
  readonly days: readonly string[]
  readonly marked: ReadonlySet<number>
}

function OriginTable({ title, rows, profile, days, marked }: OriginTableProps) {
  const { peers } = profile.subject
  return (
    <Table
      caption={title}
      rows={rows}
      keyOf={one => one.value}
      columns={[
        {
          name: 'Value',
          cell: one => (
            <span class="origin-name">
              <span class={one.facet === 'net' ? 'mono' : undefined}>
                {one.facet === 'asn' ? `AS${one.value}` : one.value}
              </span>
              {one.name !== null && <span class="quiet cut">{one.name}</span>}
              {isFresh(profile, one) && <Badge tone={one.peers === 0 ? 'high' : 'info'}>new</Badge>}
            </span>
          ),
        },
        {
          name: 'By day',
          cell: one => {
            const counts = new Map(one.days.map(({ day, n }) => [day, n]))
            return (
              <Strip
                label={`seen on ${one.days.length} of ${days.length} days`}
                values={days.map(day => counts.get(day) ?? 0)}
                titles={days.map(day => `${day}: ${formatNumber(counts.get(day) ?? 0)} requests`)}
                marked={marked}
              />
            )
          },
        },
        { name: 'First seen', cell: one => <Time at={one.firstSeen} /> },
        { name: 'Requests', isNumber: true, cell: one => formatNumber(one.requests) },
        {
          name: 'Peers',
          isNumber: true,
          title: 'tokens of the same tenant and role seen with it',
          cell: one => `${one.peers} of ${peers}`,
        },
      ]}
    />
  )
}

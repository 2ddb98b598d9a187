import type { AlertChange, KnownIncident, ReplayReport, ReplaySide } from '../schema/replay.ts'
import { minute, number, percent, printable, shortContentId, table } from './format.ts'
import type { Shell } from './shell.ts'

type Colors = Shell['colors']

/** Alerts listed of each kind; --json has them all. */
const LISTED = 25

/** A replay for a human: both sides, what is gained and lost, and what to know. */
export function replayText(report: ReplayReport, colors: Colors): string {
  const { from, to, days, gained, lost, kept, incidents, notes } = report
  const head = `${minute(from)} to ${minute(to)} UTC (${number(days)} days), replayed without and with the change; nothing was published`
  const parts = [
    head,
    sides(report, colors),
    `${number(kept)} alerts stay, ${number(gained.length)} are gained, ${number(lost.length)} are lost`,
  ]
  if (gained.length > 0) parts.push(alertList('gained', gained, colors))
  if (lost.length > 0) parts.push(alertList('lost', lost, colors))
  parts.push(incidentLines(incidents, colors))
  if (notes.length > 0) parts.push(notes.map(note => `note: ${printable(note)}`).join('\n'))
  return parts.join('\n\n')
}

function sides({ before, after, minutesPerAlert, incidents }: ReplayReport, colors: Colors): string {
  const row = (label: string, value: (side: ReplaySide) => string) => [label, value(before), value(after)]
  const models = (side: ReplaySide) =>
    side.models.map(one => `${one.model} ${shortContentId(one.contentId)}`).join(', ')
  return table(
    ['', { name: 'before', align: 'right' }, { name: 'after', align: 'right' }],
    [
      row('model', models),
      row('budget, alerts a day', side => number(side.budgetPerDay, 2)),
      row('least score, before the filter', side => number(side.scoreThreshold, 2)),
      row('alerts', side => number(side.alerts)),
      row('alerts a day', side => number(side.alertsPerDay, 2)),
      row('by the score alone, a day', side => number(side.beforeFilterPerDay, 2)),
      row('held back', side => number(side.heldBack)),
      row(`analyst hours a day, at ${number(minutesPerAlert)} min`, side =>
        number(side.analystHoursPerDay, 1),
      ),
      row('precision, of those judged', side => `${percent(side.precision)} of ${number(side.judged)}`),
      row('average precision, of token-days judged', side => number(side.averagePrecision, 3)),
      row(`known incidents found, of ${number(incidents.known)}`, side => number(side.incidentsFound)),
    ],
    colors,
  )
}

function alertList(title: string, alerts: readonly AlertChange[], colors: Colors): string {
  const more = alerts.length > LISTED ? `\n... and ${number(alerts.length - LISTED)} more: --json` : ''
  const rows = alerts
    .slice(0, LISTED)
    .map(alert => [
      alert.day,
      printable(alert.tokenId),
      number(alert.riskBefore, 1),
      number(alert.riskAfter, 1),
      printable(alert.title),
      printable(alert.incidents.join(', ') || (alert.verdict ?? '')),
      printable(alert.because),
    ])
  const without = title === 'gained' ? 'before' : 'after'
  return `${table(
    [
      colors.bold(title),
      'token',
      { name: 'risk before', align: 'right' },
      { name: 'after', align: 'right' },
      'title',
      'known as',
      `${without}, it is`,
    ],
    rows,
    colors,
  )}${more}`
}

function incidentLines({ knownFrom, gained, lost }: ReplayReport['incidents'], colors: Colors): string {
  if (knownFrom === null) return 'known incidents: none'
  const line = (title: string, list: readonly KnownIncident[]) =>
    `known incidents ${title}: ${
      list
        .map(one => printable(`${one.incidentId}${one.attackType === null ? '' : ` (${one.attackType})`}`))
        .join(', ') || 'none'
    }`
  const lostLine = line('lost', lost)
  return [lost.length > 0 ? colors.red(lostLine) : lostLine, line('gained', gained)].join('\n')
}

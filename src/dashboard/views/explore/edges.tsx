import type { RangeView } from '../../../schema/explore.ts'
import { zone } from '../../lib/settings.ts'
import type { Band } from './brushes.ts'
import type { Answer } from './use-explore.ts'

interface EdgesProps {
  readonly view: RangeView
  readonly title: string
  readonly bins: Answer['ranges']['risk']
  readonly band: Band | undefined
  readonly onBrush: (band: Band | null) => void
}

/** The band of a histogram in figures: what the mouse draws can be typed, and stepped through by the arrow keys. */
export function Edges({ view, title, bins, band, onBrush }: EdgesProps) {
  const isTime = view === 'time'
  const edge = (name: 'from' | 'to') => {
    const value = band?.[name] ?? null
    return (
      <input
        class="input"
        type={isTime ? 'datetime-local' : 'number'}
        step={isTime ? 3600 : view === 'score' ? 'any' : 1}
        aria-label={`${title} ${name === 'from' ? 'from' : 'below'}`}
        placeholder={name === 'from' ? 'from' : 'below'}
        value={value === null ? '' : isTime ? localText(value) : String(Number(value.toPrecision(6)))}
        onChange={event => {
          const { value: text } = event.currentTarget
          const typed = text === '' ? null : isTime ? momentOf(text) : Number(text)
          const next = { from: band?.from ?? null, to: band?.to ?? null, [name]: typed }
          onBrush(next)
        }}
      />
    )
  }
  return (
    <div class="edges small quiet" data-wide={isTime}>
      {edge('from')}
      <span aria-hidden="true">to</span>
      {edge('to')}
      <details>
        <summary>As a table</summary>
        <table class="table">
          <caption class="unseen">{title}</caption>
          <thead>
            <tr>
              <th scope="col">From</th>
              <th scope="col" class="number">
                Token-hours
              </th>
              <th scope="col" class="number">
                Risky
              </th>
            </tr>
          </thead>
          <tbody>
            {bins.bins.map((bin, i) => {
              const from = Number((bins.from + i * bins.width).toPrecision(12))
              return bin.windows === 0 ? null : (
                <tr key={from}>
                  <td>{isTime ? localText(from).replace('T', ' ') : from}</td>
                  <td class="number">{bin.windows}</td>
                  <td class="number">{bin.risky}</td>
                </tr>
              )
            })}
          </tbody>
        </table>
      </details>
    </div>
  )
}

const MINUTE_MS = 60_000

/** A moment as an input of the page's zone has it: 2026-10-05T13:00. */
function localText(ms: number): string {
  const offset = zone.value === 'utc' ? 0 : new Date(ms).getTimezoneOffset() * MINUTE_MS
  return new Date(ms - offset).toISOString().slice(0, 16)
}

function momentOf(text: string): number | null {
  const ms = zone.value === 'utc' ? Date.parse(`${text}Z`) : Date.parse(text)
  return Number.isNaN(ms) ? null : ms
}

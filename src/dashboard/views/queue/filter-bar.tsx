import { useSignal } from '@preact/signals'
import type { RefObject } from 'preact'
import { useEffect } from 'preact/hooks'
import { formatNumber } from '../../lib/format.ts'
import { type Alert, type Filter, ORDERS, SEVERITIES, STATUSES } from './filter.ts'

interface FilterBarProps {
  readonly filter: Filter
  readonly alerts: readonly Alert[]
  /** Alerts that are left. */
  readonly shown: number
  readonly search: RefObject<HTMLInputElement | null>
  readonly onChange: (changed: Partial<Filter>) => void
}

/** What part of the queue is looked at, in one line. */
export function FilterBar({ filter, alerts, shown, search, onChange }: FilterBarProps) {
  const tenants = useSignal<readonly string[]>([])
  useEffect(() => {
    const all = new Set([...tenants.value, ...alerts.map(alert => alert.tenantId)])
    if (all.size > tenants.value.length) tenants.value = [...all].sort()
  }, [alerts])
  const choice = <K extends 'status' | 'severity' | 'order' | 'tenantId'>(
    name: K,
    label: string,
    options: readonly (readonly [string, string])[],
  ) => (
    <select
      class="input"
      aria-label={label}
      value={filter[name]}
      onChange={event => onChange({ [name]: event.currentTarget.value } as Partial<Filter>)}
    >
      {options.map(([value, text]) => (
        <option key={value} value={value}>
          {text}
        </option>
      ))}
    </select>
  )
  return (
    <search class="filter-bar">
      <input
        ref={search}
        class="input filter-text"
        type="search"
        aria-label="Search titles, reasons and names"
        placeholder="Search titles, reasons, names"
        value={filter.text}
        onInput={event => onChange({ text: event.currentTarget.value })}
        onKeyDown={event => {
          if (event.key === 'Escape' || event.key === 'Enter') event.currentTarget.blur()
        }}
      />
      {choice('status', 'Status', STATUSES)}
      {choice('severity', 'Severity', SEVERITIES)}
      {tenants.value.length > 1 &&
        choice('tenantId', 'Tenant', [['', 'every tenant'], ...tenants.value.map(id => [id, id] as const)])}
      {choice('order', 'Order', ORDERS)}
      <span class="quiet small nowrap" role="status">
        {formatNumber(shown)} {shown === 1 ? 'alert' : 'alerts'}
      </span>
    </search>
  )
}

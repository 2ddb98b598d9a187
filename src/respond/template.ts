import { TEMPLATE_FIELD, type TemplateField } from '../schema/sinks.ts'
import type { AlertBrief } from './brief.ts'
import { safeLine } from './outside.ts'

/** What a template is filled with; each value is clean text, in one line but for `reasons`. */
export type TemplateValues = Readonly<Record<TemplateField, string>>

/** Longest value; titles and reasons are far shorter, ids of hostile logs need not be. */
const MOST_VALUE = 1000

export function templateValues(alert: AlertBrief, action = ''): TemplateValues {
  const line = (text: string) => safeLine(text, MOST_VALUE)
  return {
    alertId: alert.alertId,
    incidentId: alert.incidentId ?? '-',
    tenant: line(alert.tenantId),
    principal: line(alert.principalId),
    token: line(alert.tokenId),
    severity: alert.severity,
    risk: alert.risk.toFixed(1),
    title: line(alert.title),
    firstSeen: minute(alert.firstSeen),
    lastSeen: minute(alert.lastSeen),
    hours: String(alert.windows),
    reasons: alert.reasons.map(reason => `- ${line(reason.text)}`).join('\n') || '-',
    techniques: alert.techniques.map(line).join(', ') || '-',
    model: line(alert.model),
    action: line(action),
  }
}

/** The template with each `{{field}}` replaced by its value as the medium wants it; values are never read as templates. */
export function renderTemplate(
  template: string,
  values: TemplateValues,
  escapeValue: (text: string) => string = text => text,
): string {
  return template.replace(TEMPLATE_FIELD, (_, field: TemplateField) => escapeValue(values[field]))
}

/** For HTML text and quoted attributes. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;')
}

/** Slack's three control characters; with them gone a value can neither link nor mention anybody. */
export function escapeSlack(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

function minute(time: Date): string {
  return `${time.toISOString().slice(0, 16).replace('T', ' ')} UTC`
}

export const DEFAULT_TITLE = '[{{severity}}] {{title}}'

export const DEFAULT_TEXT = `{{title}}

severity    {{severity}}, risk {{risk}} of 100
token       {{token}}
principal   {{principal}}
tenant      {{tenant}}
seen        {{firstSeen}} to {{lastSeen}}, in {{hours}} hours
techniques  {{techniques}}

Why:
{{reasons}}

keyhound alerts show {{alertId}}
`

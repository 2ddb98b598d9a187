/** Markup that is safe to insert as it stands. */
export interface Html {
  readonly html: string
}

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Text made safe for element content and quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, character => ENTITIES[character]!)
}

/** Markup from elsewhere that is known to be safe. */
export function raw(markup: string): Html {
  return { html: markup }
}

/**
 * Tagged template: whatever is inserted is escaped, unless it is {@link Html} itself. Lists are joined; null, undefined and
 * false leave nothing.
 */
export function html(strings: TemplateStringsArray, ...values: unknown[]): Html {
  let out = strings[0]!
  for (let i = 0; i < values.length; i++) out += insert(values[i]) + strings[i + 1]!
  return { html: out }
}

function insert(value: unknown): string {
  if (value === null || value === undefined || value === false) return ''
  if (Array.isArray(value)) return value.map(insert).join('')
  if (typeof value === 'object' && 'html' in value) return String(value.html)
  return escapeHtml(String(value))
}

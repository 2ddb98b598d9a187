import { expect, test } from 'vitest'
import { count, duration, fact, inSentence, percent, quantity, rate, words } from '../../src/report/format.ts'
import { html, raw } from '../../src/report/html.ts'

const table: [string, string, string][] = [
  ['percent', percent(0.678), '68 %'],
  ['percent below ten', percent(0.0234), '2.3 %'],
  ['percent below one', percent(0.00123), '0.12 %'],
  ['percent of nothing', percent(0), '0 %'],
  ['percent unknown', percent(null), '–'],
  ['count', count(1_234_567), '1 234 567'],
  ['quantity', quantity(0.012345), '0.0123'],
  ['quantity, whole', quantity(-12_480), '−12 480'],
  ['quantity, small negative', quantity(-0.5), '-0.5'],
  ['fact, text', fact('AS1'), 'AS1'],
  ['rate', rate(1.96), '2'],
  ['rate', rate(0.34), '0.3'],
  ['rate', rate(12.4), '12'],
  ['seconds', duration(45), '45 s'],
  ['minutes', duration(1800), '30 min'],
  ['hours', duration(17_400), '4.8 h'],
  ['days', duration(3 * 86_400), '3 d'],
  ['words', words('low_and-slow'), 'low and slow'],
  ['title', inSentence('Plain forest'), 'plain forest'],
  ['title with initials', inSentence('ASN seen first'), 'ASN seen first'],
]

test.each(table)('%s: %s', (_, actual, expected) => {
  // Narrow and non-breaking spaces are compared as spaces.
  expect(actual.replace(/[\u00a0\u202f]/g, ' ')).toBe(expected)
})

test('what is inserted is escaped once, markup and lists of it are kept, nothing leaves nothing', () => {
  const inner = html`<i title="${'"'}">${"<&'>"}</i>`
  expect(html`<b>${[inner, inner]}${null}${undefined}${false}${0}${raw('<hr>')}</b>`.html).toBe(
    `<b>${inner.html}${inner.html}0<hr></b>`,
  )
  expect(inner.html).toBe('<i title="&quot;">&lt;&amp;&#39;&gt;</i>')
})

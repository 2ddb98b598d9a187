import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createRandom } from '../../src/lib/random.ts'
import { pauseMs } from '../../src/respond/back-off.ts'
import { escapeCefHeader, escapeCefValue, toCef } from '../../src/respond/cef.ts'
import { checkUrl, retryAfterMs } from '../../src/respond/http.ts'
import { cut, safeLine } from '../../src/respond/outside.ts'
import { escapeParam, frame, toSyslog } from '../../src/respond/rfc5424.ts'
import { escapeHtml, escapeSlack, renderTemplate, templateValues } from '../../src/respond/template.ts'
import { defaultConfig } from '../../src/schema/config.ts'
import { ALERT, NOW } from './alerts.ts'

/** What an ArcSight reader makes of a CEF line: seven header fields, then key=value pairs whose values may hold spaces. */
function readCef(line: string): { header: string[]; extension: Record<string, string> } {
  const fields = line.match(
    /^((?:\\.|[^\\|])*)\|((?:\\.|[^\\|])*)\|((?:\\.|[^\\|])*)\|((?:\\.|[^\\|])*)\|((?:\\.|[^\\|])*)\|((?:\\.|[^\\|])*)\|((?:\\.|[^\\|])*)\|(.*)$/s,
  )!
  const extension: Record<string, string> = {}
  for (const [, key, value] of fields[8]!.matchAll(/(\w+)=((?:\\.|[^\\=])*?)(?=\s\w+=|$)/gs)) {
    extension[key!] = value!.replace(/\\(.)/g, (_, c: string) => (c === 'n' ? '\n' : c === 'r' ? '\r' : c))
  }
  return { header: fields.slice(1, 8).map(one => one.replace(/\\(.)/g, '$1')), extension }
}

describe('templates', () => {
  const values = templateValues(ALERT)

  test('fields are filled in, cleaned of what moves cursors and breaks lines; values are no templates', () => {
    expect(renderTemplate('{{severity}} {{ risk }} {{title}}', values)).toBe(
      'critical 97.3 New client "<!channel>|a=b\\c]" [31m',
    )
    expect(values.reasons).toBe('- client "<img src=x> Bcc: eve@example.com" never seen\n- {{token}}')
    expect(renderTemplate('{{reasons}}', values)).toBe(values.reasons)
  })

  test('each medium escapes what it reads as markup', () => {
    expect(renderTemplate('<b>{{title}}</b>', values, escapeHtml)).toBe(
      '<b>New client &quot;&lt;!channel&gt;|a=b\\c]&quot; [31m</b>',
    )
    expect(renderTemplate('*{{title}}*', values, escapeSlack)).toBe(
      '*New client "&lt;!channel&gt;|a=b\\c]" [31m*',
    )
  })

  test('a value with replacement patterns stays what it is', () => {
    expect(renderTemplate('{{title}}', { ...values, title: "$& $1 $'" })).toBe("$& $1 $'")
  })
})

describe('safe lines', () => {
  test('have no control characters, no marks that turn text around, no secrets, and an end', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 1, max: 40 }), (text, most) => {
        const line = safeLine(text, most)
        expect(line.length).toBeLessThanOrEqual(most)
        expect(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u.test(line)).toBe(false)
      }),
    )
    expect(safeLine('token abc was bad', 100, ['abc', ''])).toBe('token *** was bad')
    expect(cut('ab😀cd', 4)).toBe('ab…')
  })
})

describe('CEF', () => {
  test('any title and any id come out again as they went in', () => {
    const text = fc.string({ unit: fc.constantFrom('a', ' ', '=', '|', '\\', '\n', 'cs1=', 'é') })
    fc.assert(
      fc.property(text, text, (title, principalId) => {
        const alert = { ...ALERT, title, principalId }
        const { header, extension } = readCef(toCef({ alert, events: new Map(), deliveryId: 'd1' }, '1|2'))
        expect(header.slice(0, 4)).toEqual(['CEF:0', 'Keyhound', 'Keyhound', '1|2'])
        expect(header[5]).toBe(safeLine(title, 1000))
        expect(extension).toMatchObject({ suid: safeLine(principalId, 1000), cs6: 'd1', cs1: 'acme' })
      }),
    )
  })

  test('escaping by hand', () => {
    expect(escapeCefHeader('a|b\\c=d\ne')).toBe('a\\|b\\\\c=d e')
    expect(escapeCefValue('a|b\\c=d\r\ne')).toBe('a|b\\\\c\\=d\\r\\ne')
  })
})

describe('RFC 5424', () => {
  test('priority, version, time, names and the origin element', () => {
    const message = toSyslog({
      facility: 13,
      severity: 'critical',
      time: NOW,
      hostname: 'soc-1',
      productVersion: '1"]\\',
      text: 'é',
    })
    // 8 * 13 + 2
    expect(message).toBe(
      '<106>1 2026-10-08T05:00:00.000Z soc-1 keyhound - alert [origin software="Keyhound" swVersion="1\\"\\]\\\\"] é',
    )
    expect(escapeParam('a"b]c\\d')).toBe('a\\"b\\]c\\\\d')
    expect(frame('é!').toString()).toBe('3 é!')
  })
})

describe('HTTP', () => {
  test('plain http is for loopback, unless allowed; the message tells the host only', () => {
    for (const fine of [
      'https://soc.example/x',
      'http://localhost:1/x',
      'http://127.0.0.9/',
      'http://[::1]:8/',
    ])
      expect(() => checkUrl(fine, false, 'sink "a"'), fine).not.toThrow()
    expect(() => checkUrl('http://soc.example/secret', true, 'sink "a"')).not.toThrow()
    expect(() => checkUrl('http://soc.example/secret', false, 'sink "a"')).toThrow(
      'sink "a" has plain http to soc.example; use https',
    )
    expect(() => checkUrl('ftp://x', true, 'sink "a"')).toThrow('not https')
    expect(() => checkUrl('hooks secret', true, 'sink "a"')).toThrow(/^((?!secret).)*$/)
  })

  test('Retry-After in seconds or as a date, never beyond a day', () => {
    expect(retryAfterMs('120', NOW)).toBe(120_000)
    expect(retryAfterMs('Thu, 08 Oct 2026 05:01:00 GMT', NOW)).toBe(60_000)
    expect(retryAfterMs('Thu, 08 Oct 2026 04:00:00 GMT', NOW)).toBe(0)
    expect(retryAfterMs('soon', NOW)).toBe(null)
    expect(retryAfterMs('99999999', NOW)).toBe(86_400_000)
  })
})

describe('pauses', () => {
  const rules = defaultConfig().delivery
  test('double up to the longest, less at most half, the same for the same seed', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 14 }), (seed, failures) => {
        const pause = pauseMs(failures, rules, createRandom(seed), null)
        const full = 1000 * Math.min(30 * 2 ** (failures - 1), 21_600)
        expect(pause).toBeGreaterThanOrEqual(full / 2)
        expect(pause).toBeLessThanOrEqual(full)
        expect(pauseMs(failures, rules, createRandom(seed), null)).toBe(pause)
      }),
    )
  })
  test('what the receiver asks for is the least', () => {
    expect(pauseMs(1, rules, createRandom(1), 3_600_000)).toBe(3_600_000)
  })
  test('all of them together are what the configuration says: 13 to 27 hours', () => {
    const total = (share: number) => {
      const random = { ...createRandom(1), uniform: () => share }
      let ms = 0
      for (let failures = 1; failures < rules.attempts; failures++)
        ms += pauseMs(failures, rules, random, null)
      return ms / 3_600_000
    }
    expect(total(0.5)).toBeCloseTo(13.26, 1)
    expect(total(1)).toBeCloseTo(26.53, 1)
  })
})

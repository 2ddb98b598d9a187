import { parseHTML } from 'linkedom'
import { describe, expect, test } from 'vitest'
import { renderComparison } from '../../src/report/comparison-html.ts'
import { renderDigest } from '../../src/report/digest-html.ts'
import { EMPTY_COMPARISON, FULL_COMPARISON } from './comparison-fixture.ts'
import { EMPTY_DIGEST, FULL_DIGEST, HOSTILE } from './digest-fixture.ts'

const MADE = new Date('2026-10-12T09:00:00Z')

const PAGES: Readonly<Record<string, () => string>> = {
  'a full digest': () => renderDigest(FULL_DIGEST),
  'an empty digest': () => renderDigest(EMPTY_DIGEST),
  'a comparison': () => renderComparison(FULL_COMPARISON, MADE),
  'a comparison of nothing': () => renderComparison(EMPTY_COMPARISON, MADE),
}

describe.each(Object.entries(PAGES))('%s', (_, render) => {
  test('needs nothing from outside and runs nothing', () => {
    const page = render()
    expect(page).not.toMatch(/https?:|\/\/\w/)
    expect(page).not.toMatch(/<script|<link|<img|<iframe|@import|url\((?!#)/i)
    expect(page).not.toMatch(/<[^>]* on\w+=/i)
  })

  test('shows no NaN, Infinity, undefined or null', () => {
    const { document } = parseHTML(render())
    for (const style of document.querySelectorAll('style')) style.remove()
    expect(document.documentElement.textContent).not.toMatch(/NaN|Infinity|undefined|null/)
    expect(render()).not.toMatch(/="[^"]*(NaN|Infinity|undefined)/)
  })

  test('is the same each time, and whole', () => {
    expect(render()).toBe(render())
    const { document } = parseHTML(render())
    expect(document.querySelectorAll('header .tile')).toHaveLength(4)
    expect(document.querySelector('h1')!.textContent).not.toBe('')
    expect(document.querySelector('footer')!.textContent).toContain('2026')
  })
})

const text = (page: string, selector: string) =>
  parseHTML(page).document.querySelector(selector)?.textContent?.replace(/\s+/g, ' ').trim()

describe('the digest', () => {
  test('says on its first screen what was found, how much was right, what it cost, what may be missed', () => {
    const page = renderDigest(FULL_DIGEST)
    expect(text(page, 'h1')).toBe('3 incidents this week: 1 confirmed as misuse, 1 still open')
    expect(text(page, '.lede')).toBe(
      '36 alerts (11 of them repeat another of their incident), 5.1 a day of 6 in the budget; 21 of the 26 that were judged were right.',
    )
    const { document } = parseHTML(page)
    expect(
      [...document.querySelectorAll('.tile .figure')].map(e => e.textContent!.replace(/\s+/g, ' ')),
    ).toEqual([
      '1 of 3 incidents confirmed as misuse',
      '81 % of the alerts judged',
      '5.1 alerts a day',
      '≤ 11 of 60 alerts that the filter held back',
    ])
    expect(document.querySelectorAll('.tile .sure')[1]!.textContent).toBe('95 % sure: 62 to 91\u00a0%')
  })

  test('has a section for all that happened, and none for what did not', () => {
    const sections = (page: string) =>
      [...parseHTML(page).document.querySelectorAll('main > section')].map(e => e.id)
    const all = ['incidents', 'alerts', 'held-back', 'tokens', 'responses', 'data', 'model']
    expect(sections(renderDigest(FULL_DIGEST))).toEqual(all)
    expect(sections(renderDigest(EMPTY_DIGEST))).toEqual(['alerts', 'held-back', 'data'])
  })

  test('says plainly that nothing was scored, that nothing happened, that nothing is judged', () => {
    expect(text(renderDigest(EMPTY_DIGEST), 'h1')).toBe('Nothing was scored in this period')
    const data = { ...EMPTY_DIGEST.data, unscoredDays: [] }
    expect(text(renderDigest({ ...EMPTY_DIGEST, data }), 'h1')).toBe('No incident in this period')
    expect(text(renderDigest(EMPTY_DIGEST), '.lede')).toContain('none has been judged yet')
    const filter = { ...FULL_DIGEST.filter!, sampled: 0, missedShareBound: 1, missedBound: 60 }
    const unknown = renderDigest({ ...FULL_DIGEST, filter })
    expect(unknown).toContain('no sampled alert has a verdict')
    expect(unknown).toContain('any number may be misuse')
  })

  test('escapes every text of the data', () => {
    const page = renderDigest(FULL_DIGEST)
    expect(text(page, '#tokens td.mono')).toBe(HOSTILE)
    expect(text(page, '#responses td.mono')).toBe(HOSTILE)
    expect(text(page, '.notes li')).toBe(HOSTILE)
    expect(text(page, '.story li')).toContain(HOSTILE)
  })
})

describe('the comparison', () => {
  test('says whether the challenger may replace the champion, and why', () => {
    const page = renderComparison(FULL_COMPARISON, MADE)
    expect(text(page, 'h1')).toBe('default@2 should not replace default@1')
    expect(text(page, '.lede')).toBe('The promotion gate refuses it: 9.0 alerts a day, champion 3.0.')
    expect([...parseHTML(page).document.querySelectorAll('#gate .chip')].map(e => e.textContent)).toEqual([
      'kept',
      'broken',
      'not known',
    ])
    expect(text(renderComparison(EMPTY_COMPARISON, MADE), 'h1')).toBe('default@2 may replace default@1')
  })

  test('tells gained and lost alerts with what is known of them', () => {
    const page = renderComparison(FULL_COMPARISON, MADE)
    expect(text(page, '#gained h2')).toBe('Alerts gained: 1')
    expect(text(page, '#lost .note')).toContain('1 of them is of known misuse')
    expect(text(page, '#lost .chip')).toBe('inc-7')
    expect(text(page, '#incidents .chip')).toBe('lost')
    expect(page).toContain('&lt;script&gt;')
  })
})

import { expect, test } from 'vitest'
import { type Change, parseChange } from '../../src/schema/change.ts'

const problemsOf = (value: unknown) => {
  const result = parseChange(value)
  return result.ok ? [] : result.problems
}

test('a change of everything comes out as it went in, budgets as alerts a day', () => {
  const change: Change = {
    suppressions: { add: [{ tokenId: 't', because: 'move', days: 7 }], remove: [2] },
    features: { leaveOut: ['network'] },
    entity: 'principal',
    model: 'default@2',
    config: { alerts: { minutesPerAlert: 30 } },
    retrain: true,
  }
  expect(parseChange({ ...change, budget: '70/week' })).toEqual({
    ok: true,
    change: { ...change, budget: 10 },
  })
  expect(parseChange({ budget: 3 })).toEqual({ ok: true, change: { budget: 3 } })
  expect(parseChange({ suppressions: { remove: [1] } })).toEqual({
    ok: true,
    change: { suppressions: { add: [], remove: [1] } },
  })
})

test('all problems come at once, each with its path', () => {
  const paths = problemsOf({
    budgett: 3,
    riskThreshold: 100,
    suppressions: { add: [{ because: 'all of it' }] },
    entity: 'lineage',
    features: { leaveOut: [] },
  }).map(problem => problem.path)
  expect(paths).toEqual(
    expect.arrayContaining(['', 'riskThreshold', 'suppressions.add.0', 'entity', 'features.leaveOut']),
  )
})

test.each([
  ['empty', {}, /is empty; it takes budget/],
  ['two thresholds', { budget: 3, riskThreshold: 60 }, /same thing three ways/],
  ['no budget', { budget: 'many' }, /an alert budget is 10\/day/],
  ['a suppression of everything', { suppressions: { add: [{ because: 'x' }] } }, /needs a scope/],
  ['a configuration that is none', { config: { forest: { trees: 1 } } }, /./],
])('%s is refused', (_, value, told) => {
  expect(problemsOf(value).map(problem => problem.problem)).toEqual([expect.stringMatching(told)])
})

test('a problem of the configuration names its place in the change', () => {
  expect(problemsOf({ config: { forest: { trees: 1 } } })[0]!.path).toBe('config.forest.trees')
})

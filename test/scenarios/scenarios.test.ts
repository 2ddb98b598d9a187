import { describe, expect, test } from 'vitest'
import { SIGNALS } from '../../src/detectors/signals/catalogue.ts'
import { CLUSTER_DETECTOR } from '../../src/scoring.ts'
import { DATA } from './data.ts'
import { MISUSE_TABLE } from './misuse-table.ts'
import { PACE_AND_PLACE } from './pace-and-place.ts'
import { PERMISSIONS } from './permissions.ts'
import { playScenarios } from './stage.ts'

const SCENARIOS = [...PACE_AND_PLACE, ...PERMISSIONS, ...DATA]

describe('the table of misuse', () => {
  const specialists = [...SIGNALS.map(signal => signal.name), CLUSTER_DETECTOR].toSorted()

  test('names every specialist, each in one row', () => {
    expect(Object.values(MISUSE_TABLE).flat().toSorted()).toEqual(specialists)
  })

  test.each(Object.entries(MISUSE_TABLE))('%s is played for each of its detectors', (_row, detectors) => {
    const played = SCENARIOS.map(scenario => scenario.detector)
    for (const detector of detectors) expect(played.filter(name => name === detector)).toEqual([detector])
  })
})

playScenarios(SCENARIOS)

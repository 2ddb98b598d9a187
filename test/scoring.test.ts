import { describe, expect, test } from 'vitest'
import { SIGNALS } from '../src/detectors/signals/catalogue.ts'
import { createMatrix } from '../src/lib/matrix.ts'
import { addSpecialist, SPECIALIST, TAIL_DETECTOR } from '../src/scoring.ts'

describe('addSpecialist', () => {
  const surprises = { data: Float64Array.of(1, 2, 3, 4), rows: 2, cols: 2, names: ['a', 'b'] }
  const signals = createMatrix(2, [...SIGNALS.map(signal => signal.name), TAIL_DETECTOR])
  const set = (row: number, name: string, nats: number) => {
    signals.data[row * signals.cols + signals.names.indexOf(name)] = nats
  }
  set(0, 'rate', 5)
  set(0, 'exfiltration', 9)
  // The catalogue as a whole is no specialist.
  set(1, TAIL_DETECTOR, 17)

  test('by hand: the surprises as they were, and the strongest signal', () => {
    const out = addSpecialist(surprises, signals)
    expect(out.names).toEqual(['a', 'b', SPECIALIST])
    expect([...out.data]).toEqual([1, 2, 9, 3, 4, 0])
  })
})

import { describe, expect, test } from 'vitest'
import { causeOf, type Naming } from '../../src/risk/causes.ts'

const namings = (shares: Record<string, number>, surprise = 0) =>
  new Map(
    Object.entries(shares).map(([detector, share]): [string, Naming] => [detector, { share, surprise }]),
  )

describe('causeOf', () => {
  test('the most specific of a family that weighs a quarter gives the name', () => {
    const found = causeOf(namings({ scope_violation: 0.3, sequence: 0.7 }), {})
    expect(found).toEqual({ code: 'scope_violation', detector: 'scope_violation' })
  })

  test('known operations in another order are a sequence', () => {
    expect(causeOf(namings({ sequence: 1 }), { fresh_operations_actual: 0 }).code).toBe('sequence')
    expect(causeOf(namings({ sequence: 1 }), {}).code).toBe('sequence')
  })

  test('new operations in their order are new operations, whatever else weighs', () => {
    const facts = { fresh_operations_actual: 1 }
    expect(causeOf(namings({ sequence: 1 }), facts).code).toBe('new_operations')
    expect(causeOf(namings({ sequence: 0.9, new_operations: 0.1 }), facts).code).toBe('new_operations')
  })
})

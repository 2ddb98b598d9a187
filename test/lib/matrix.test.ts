import { expect, test } from 'vitest'
import {
  columnOf,
  createMatrix,
  eachColumn,
  fromColumns,
  selectColumns,
  selectRows,
  setColumn,
} from '../../src/lib/matrix.ts'

const table = fromColumns({ a: [1, 2, 3], b: [10, Number.NaN, 30] })

test('columns become rows of one flat array', () => {
  expect(table).toEqual({
    data: Float64Array.of(1, 10, 2, Number.NaN, 3, 30),
    rows: 3,
    cols: 2,
    names: ['a', 'b'],
  })
  expect(fromColumns({})).toEqual({ data: new Float64Array(0), rows: 0, cols: 0, names: [] })
  expect(createMatrix(2, ['x'])).toEqual({ data: new Float64Array(2), rows: 2, cols: 1, names: ['x'] })
})

test('a column is read back as a copy', () => {
  const b = columnOf(table, 1)
  expect(b).toEqual(Float64Array.of(10, Number.NaN, 30))
  b[0] = -1
  expect(table.data[1]).toBe(10)
})

test('all columns are handed over in turn, however many there are, as precise as the matrix', () => {
  const names = Array.from({ length: 37 }, (_, c) => `c${c}`)
  const cells = Array.from({ length: 5 * 37 }, (_, i) => (i % 7 === 3 ? Number.NaN : i / 3))
  for (const data of [Float64Array.from(cells), Float32Array.from(cells)]) {
    const matrix = { data, rows: 5, cols: 37, names }
    const seen: number[] = []
    eachColumn(matrix, (column, c) => {
      seen.push(c)
      expect(column).toEqual(columnOf(matrix, c))
    })
    expect(seen).toEqual([...names.keys()])
  }
  eachColumn(createMatrix(3, []), () => expect.unreachable())
})

test('columns are selected by name, in the order asked, repeats allowed', () => {
  expect(selectColumns(table, ['b', 'a', 'b'])).toEqual({
    data: Float64Array.of(10, 1, 10, Number.NaN, 2, Number.NaN, 30, 3, 30),
    rows: 3,
    cols: 3,
    names: ['b', 'a', 'b'],
  })
  expect(() => selectColumns(table, ['c'])).toThrow('column "c" is not in the matrix; it has: a, b')
})

test('a column is overwritten by name, the others stay', () => {
  const matrix = fromColumns({ a: [1, 2], b: [3, 4] })
  setColumn(matrix, 'b', [7, 8])
  expect([...matrix.data]).toEqual([1, 7, 2, 8])
  expect(() => setColumn(matrix, 'c', [0, 0])).toThrow(/"c"/)
})

test('rows are selected by index, in the order asked', () => {
  expect(selectRows(table, [2, 0]).data).toEqual(Float64Array.of(3, 30, 1, 10))
  expect(selectRows(table, []).rows).toBe(0)
})

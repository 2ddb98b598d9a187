import { expect, test } from 'vitest'
import { addTimes, type CpuProfile, timesByRoom } from '../../../scripts/profile/rooms.ts'

const DIST = 'file:///app/dist'
const frame = (functionName: string, url = '', lineNumber = 0) => ({ functionName, url, lineNumber })

/** Root calls main, which calls a stage, the binding and Node; each sample lasts a tenth of a second. */
const PROFILE: CpuProfile = {
  nodes: [
    { id: 1, callFrame: frame('(root)'), children: [2, 8, 9, 10] },
    { id: 2, callFrame: frame('main', `${DIST}/cli/main.js`), children: [3, 5, 7, 11] },
    { id: 3, callFrame: frame('fit', `${DIST}/detectors/isolation-forest/fit.js`, 41), children: [4] },
    { id: 4, callFrame: frame('sort') },
    { id: 5, callFrame: frame('fetch', 'file:///app/node_modules/@duckdb/node-api/lib/x.js'), children: [6] },
    { id: 6, callFrame: frame('fetch_chunk') },
    { id: 7, callFrame: frame('', `${DIST}/scoring.js`) },
    { id: 8, callFrame: frame('(idle)') },
    { id: 9, callFrame: frame('(garbage collector)') },
    { id: 10, callFrame: frame('(program)') },
    { id: 11, callFrame: frame('read', 'node:fs') },
  ],
  samples: [2, 3, 4, 4, 5, 6, 7, 8, 8, 8, 9, 10, 11],
  timeDeltas: Array(13).fill(100_000),
}

const rounded = (times: ReadonlyMap<string, number>) =>
  Object.fromEntries([...times].map(([name, seconds]) => [name, Math.round(10 * seconds) / 10]))

test('samples belong to the folder of src whose code ran; what has no file, to its caller', () => {
  const { rooms, functions } = timesByRoom(PROFILE, DIST)
  expect(rounded(rooms)).toEqual({
    cli: 0.1,
    detectors: 0.3,
    'sql (binding)': 0.2,
    scoring: 0.1,
    idle: 0.3,
    'garbage collection': 0.1,
    'native code': 0.1,
    node: 0.1,
  })
  expect(rounded(functions)).toEqual({
    'main (cli/main.js:1)': 0.1,
    'fit (detectors/isolation-forest/fit.js:42)': 0.1,
    '(anonymous) (scoring.js:1)': 0.1,
  })
})

test('threads add up', () => {
  const one = timesByRoom(PROFILE, DIST)
  expect(rounded(addTimes([one, one]).rooms)).toMatchObject({ detectors: 0.6, idle: 0.6 })
})

import { Writable } from 'node:stream'
import { expect, test } from 'vitest'
import type { Output } from '../../src/cli/effects.ts'
import { createProgress } from '../../src/cli/progress.ts'

function drive(terminal: boolean): string {
  let text = ''
  const stream = new Writable({
    write(piece, _encoding, done) {
      text += String(piece)
      done()
    },
  })
  const progress = createProgress(
    Object.assign(
      stream,
      terminal ? { isTTY: true, columns: 80, cursorTo() {}, clearLine() {} } : {},
    ) as Output,
  )
  progress.start('features', 3)
  progress.step(1, '2026-10-05')
  progress.say('3 rows were rejected')
  progress.step(2, '2026-10-07')
  progress.done()
  progress.start('read', 0)
  progress.step(5)
  progress.close()
  return text
}

test('a pipe gets the findings and no bar', () => {
  expect(drive(false)).toBe('3 rows were rejected\n')
})

test('a terminal gets a bar that names the stage, and the findings on lines of their own', () => {
  const text = drive(true)
  expect(text).toContain('features')
  expect(text).toContain('0/3')
  expect(text).toContain('3 rows were rejected\n')
  expect(text).not.toContain('NaN')
})

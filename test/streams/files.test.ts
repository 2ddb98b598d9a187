import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type FilesOptions, followFiles } from '../../src/streams/files.ts'
import type { Batch, Source } from '../../src/streams/source.ts'

const NOW = new Date('2026-03-02T00:00:00Z')
let folder: string
let opened: Source[] = []
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'keyhound-follow-'))
})
afterEach(async () => {
  for (const source of opened) await source.close()
  opened = []
  rmSync(folder, { recursive: true, force: true })
})

const at = (name: string) => join(folder, 'log', name)

async function follow(
  paths: string[],
  spooled: Batch[] = [],
  more: Partial<FilesOptions> = {},
): Promise<Source> {
  const options = {
    paths,
    graceMs: 0,
    state: { stateFile: join(folder, 'state.db') },
    clock: () => NOW,
    ...more,
  }
  const source = await followFiles(options)(spooled.map(batch => batch.offset))
  opened.push(source)
  return source
}

const read = (source: Source, waitMs = 1, events = 100) =>
  source.read({ events, bytes: 1e7, waitMs, signal: new AbortController().signal })

/** Lines that a source gives now. */
async function lines(source: Source): Promise<string[]> {
  const batch = await read(source)
  if (batch === null) return []
  await source.commit(batch.offset)
  const found = batch.content.toString().split('\n')
  expect(found.pop()).toBe('')
  expect(batch.events).toBe(found.length)
  return found
}

describe('a followed file', () => {
  const make = (name: string, text: string) => {
    mkdirSync(join(folder, 'log'), { recursive: true })
    writeFileSync(at(name), text)
  }

  test('gives whole lines as they are appended, and the rest of a line once it ends', async () => {
    const source = await follow([at('a.log')])
    expect(await lines(source)).toEqual([])
    make('a.log', 'one\ntw')
    expect(await lines(source)).toEqual(['one'])
    appendFileSync(at('a.log'), 'o\nthree\n')
    expect(await lines(source)).toEqual(['two', 'three'])
    expect(await lines(source)).toEqual([])
  })

  test('is read on after a restart: from what was committed, or spooled', async () => {
    make('a.log', 'one\ntwo\nthree\n')
    const first = await follow([at('a.log')])
    const batch = (await read(first, 1, 1))!
    await first.commit(batch.offset)
    const spooled = (await read(first, 1, 1))!
    expect(spooled.content.toString()).toBe('two\n')
    expect(await lines(await follow([at('a.log')]))).toEqual(['two', 'three'])
    writeFileSync(at('b.log'), 'one\ntwo\nthree\n')
    const other = await follow([at('b.log')])
    const lying = (await read(other, 1, 2))!
    expect(await lines(await follow([at('b.log')], [lying]))).toEqual(['three'])
  })

  test('renamed, it is read to its end before the one that takes its name; also over a restart', async () => {
    make('a.log', 'one\n')
    const source = await follow([at('a.log')], [], { graceMs: 60_000 })
    expect(await lines(source)).toEqual(['one'])
    appendFileSync(at('a.log'), 'two\n')
    renameSync(at('a.log'), at('a.log.1'))
    make('a.log', 'four\n')
    // Its writer holds it open still.
    appendFileSync(at('a.log.1'), 'three\n')
    const again = await follow([at('a.log')])
    expect(await lines(source)).toEqual(['two', 'three', 'four'])
    expect(await lines(again)).toEqual(['two', 'three', 'four'])
  })

  test('renamed, a last line without newline counts once its writer had time to end it', async () => {
    make('a.log', 'one\ntwo')
    const source = await follow([at('a.log')])
    expect(await lines(source)).toEqual(['one'])
    renameSync(at('a.log'), at('a.log.1'))
    const found = await lines(source)
    await new Promise(resolve => setTimeout(resolve, 5))
    expect([...found, ...(await lines(source))]).toEqual(['two'])
  })

  test('cut, it is read from its beginning, also when it has grown beyond where it was', async () => {
    make('a.log', 'one\ntwo\n')
    const source = await follow([at('a.log')])
    expect(await lines(source)).toEqual(['one', 'two'])
    copyFileSync(at('a.log'), at('a.log.1'))
    truncateSync(at('a.log'))
    appendFileSync(at('a.log'), 'three\n')
    expect(await lines(source)).toEqual(['three'])
    truncateSync(at('a.log'))
    appendFileSync(at('a.log'), 'four\nfive\nsix\n')
    expect(await lines(source)).toEqual(['four', 'five', 'six'])
  })

  test('may begin at its end; files that come later are read whole', async () => {
    make('a.log', 'one\ntw')
    const source = await follow([join(folder, 'log')], [], { start: 'end' })
    appendFileSync(at('a.log'), 'o\n')
    make('b.log', 'three\n')
    expect(await lines(source)).toEqual(['two', 'three'])
  })

  test('of a folder or a pattern: new ones are taken up, compressed ones left alone', async () => {
    make('a.log', 'a\n')
    make('b.log', 'b\n')
    make('c.txt', 'c\n')
    make('d.log.gz', 'd\n')
    expect(await lines(await follow([at('*.log')]))).toEqual(['a', 'b'])
    expect(await lines(await follow([join(folder, 'log')]))).toEqual(['a', 'b', 'c'])
  })

  test('of CSV keeps its header with each batch', async () => {
    make('a.csv', 'time,token\n1,x\n2,y\n')
    const first = await follow([at('a.csv')])
    const batch = (await read(first, 1, 1))!
    expect([batch.header, batch.content.toString()]).toEqual(['time,token', '1,x\n'])
    await first.commit(batch.offset)
    const next = (await read(await follow([at('a.csv')])))!
    expect([next.header, next.content.toString()]).toEqual(['time,token', '2,y\n'])
  })

  test('a line longer than 1 MiB is cut, not waited for', async () => {
    make('a.log', `${'x'.repeat(1024 * 1024 + 10)}\nnext\n`)
    const source = await follow([at('a.log')])
    expect((await lines(source)).map(line => line.length)).toEqual([1024 * 1024, 10, 4])
  })
})

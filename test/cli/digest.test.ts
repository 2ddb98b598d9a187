import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { SMTPServer } from 'smtp-server'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { TinyWorld } from '../engine/tiny-world.ts'
import { openJudged } from '../pipeline/judged-alerts.ts'
import { keyhound } from './harness.ts'

let world: TinyWorld
let root: string
beforeAll(async () => {
  world = await openJudged()
  root = world.workspace.root
})
afterAll(() => world.close())

const digest = (...argv: string[]) => keyhound(['digest', '-w', root, '--week', '2026-W41', ...argv])

describe('keyhound digest', () => {
  test('tells the week in a screen: precision with its interval, what is open, what to know', async () => {
    const { exitCode, stdout } = await digest()
    expect(exitCode).toBe(0)
    expect(stdout).toMatch(/^incidents +5, 2 confirmed, 1 open$/m)
    expect(stdout).toMatch(/^precision +67 % \(21-94\)$/m)
    expect(stdout).toMatch(/^a4 +2026-10-06 03:00 +medium +60 +open +Use from a new place by a4$/m)
    expect(stdout).toMatch(/^note: Only 3 alerts are judged/m)
  })

  test('writes page, record and plots; the record is what --json says', async () => {
    const out = join(root, 'out')
    const { stdout } = await digest('--out', out, '--plots', 'svg,png', '--json')
    expect(readdirSync(out).sort()).toEqual(['plots', 'report.html', 'report.json'])
    expect(readdirSync(join(out, 'plots')).sort()).toEqual([
      'alerts-a-day.png',
      'alerts-a-day.svg',
      'precision-by-week.png',
      'precision-by-week.svg',
    ])
    expect(JSON.parse(readFileSync(join(out, 'report.json'), 'utf8'))).toEqual(JSON.parse(stdout))
    expect(readFileSync(join(out, 'report.html'), 'utf8')).toContain(
      '5 incidents this week: 2 confirmed as misuse',
    )
  })

  test('writes the same bytes again', async () => {
    const read = () => readFileSync(join(root, 'again', 'report.html'), 'utf8')
    await digest('--out', join(root, 'again'))
    const before = read()
    await digest('--out', join(root, 'again'))
    expect(read()).toBe(before)
  })

  test('refuses plots without a folder, formats that are none, weeks that are none', async () => {
    expect(await digest('--plots', 'png')).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('--out'),
    })
    expect(await digest('--plots', 'gif', '--out', 'x')).toMatchObject({ exitCode: 2 })
    const { exitCode } = await keyhound(['digest', '-w', root, '--week', '2026-W60'])
    expect(exitCode).toBe(2)
    expect(existsSync(join(root, 'x'))).toBe(false)
  })
})

describe('by mail', () => {
  test('goes to the recipients of the sink with the page attached', async () => {
    const got: string[] = []
    const server = new SMTPServer({
      disabledCommands: ['STARTTLS', 'AUTH'],
      async onData(stream, _, done) {
        let text = ''
        for await (const piece of stream) text += piece
        got.push(text)
        done()
      },
    })
    await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
    const { port } = server.server.address() as AddressInfo
    const config = join(root, 'mail.json')
    const sink = { name: 'leads', kind: 'email', host: '127.0.0.1', port, tls: 'none' }
    const ends = { from: 'Keyhound <keyhound@example.com>', to: ['lead@example.com'] }
    writeFileSync(config, JSON.stringify({ sinks: [{ ...sink, ...ends }] }))
    const { exitCode, stdout } = await digest('--mail', 'leads', '--config', config)
    await new Promise<void>(done => server.close(() => done()))
    expect([exitCode, stdout]).toEqual([0, expect.stringContaining('sent through leads')])
    expect(got).toHaveLength(1)
    expect(got[0]).toMatch(/^Subject: Keyhound 2026-W41: 5 incidents this week: 2 confirmed as misuse/m)
    expect(got[0]).toContain('filename=keyhound-2026-W41.html')
  })

  test('a sink that is none, and one that is no mail, are named', async () => {
    const config = join(root, 'file.json')
    writeFileSync(config, JSON.stringify({ sinks: [{ name: 'archive', kind: 'file', folder: 'x' }] }))
    const { exitCode, stderr } = await digest('--mail', 'archive', '--config', config)
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining('archive is no e-mail sink')])
  })
})

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { keyhound } from './harness.ts'

const COMMANDS = [
  'demo',
  'simulate',
  'inject',
  'run',
  'ingest',
  'train',
  'score',
  'evaluate',
  'replay',
  'alerts',
  'alerts list',
  'alerts show',
  'alerts verdict',
  'alerts suppress',
  'alerts unsuppress',
  'sinks',
  'sinks list',
  'sinks test',
  'sinks deliver',
  'sinks dead',
  'sinks retry',
  'respond',
  'respond run',
  'respond list',
  'respond approve',
  'respond reject',
  'respond undo',
  'explain',
  'models',
  'models list',
  'models show',
  'query',
  'tables',
  'hash',
]

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'keyhound-cli-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('help', () => {
  test.each(COMMANDS)('%s --help teaches: usage, options, at least two examples', async name => {
    const { exitCode, stdout, stderr } = await keyhound([...name.split(' '), '--help'])
    expect(exitCode).toBe(0)
    expect(stderr).toBe('')
    expect(stdout).toContain(`Usage: keyhound ${name}`)
    const lines = stdout.split('\n')
    const examples = lines.filter(line => line.startsWith('  $ '))
    expect(examples.length).toBeGreaterThanOrEqual(2)
    for (const line of examples) expect(line).toContain('keyhound')
    // Every example says why one would type it.
    expect(lines.filter(line => line.startsWith('  # ')).length).toBe(examples.length)
    expect(stdout).toContain('--workspace <dir>')
  })

  test('the examples of every command are spelt with commands and options that exist', async () => {
    for (const name of COMMANDS) {
      const { stdout } = await keyhound([...name.split(' '), '--help'])
      const used = stdout
        .split('\n')
        .filter(line => line.startsWith('  $ '))
        .flatMap(line => line.slice(4).split(/ && | \| /))
        .filter(line => line.startsWith('keyhound '))
      for (const line of used) {
        // Quoted text and $(...) may hold anything; flags stand outside of them.
        const bare = line.replace(/"[^"]*"/g, 'TEXT').split(' ')
        const command = COMMANDS.filter(known => line.startsWith(`keyhound ${known}`)).sort(
          (a, b) => b.length - a.length,
        )[0]
        expect(command, line).toBeDefined()
        const help = (await keyhound([...command!.split(' '), '--help'])).stdout
        for (const flag of bare.filter(word => /^--?[a-z]/.test(word))) expect(help, line).toContain(flag)
      }
    }
  })

  test('the program lists its commands and exit codes', async () => {
    const { exitCode, stdout } = await keyhound(['--help'])
    expect(exitCode).toBe(0)
    for (const name of COMMANDS.filter(one => !one.includes(' '))) expect(stdout).toContain(`  ${name}`)
    expect(stdout).toContain('3 alerts at or above --fail-on')
  })

  test('--version', async () => {
    expect(await keyhound(['--version'])).toMatchObject({ exitCode: 0, stdout: '1.2.3\n' })
  })
})

describe('bad usage exits with 2 and one message on stderr', () => {
  test.each([
    ['no such command', ['fly']],
    ['an unknown option', ['train', '--fast']],
    ['a missing argument', ['query']],
    ['a missing required option', ['evaluate', '--out', 'x']],
    ['a time that is none', ['score', '--from', 'yesterday']],
    ['a time that counts forward', ['run', 'logs', '--until', '+7d']],
    ['a day that the month does not have', ['score', '--from', '2026-02-31']],
    ['a number out of bounds', ['simulate', '--out', 'x', '--tokens', '0']],
    ['a choice that is none', ['score', '--fail-on', 'scary']],
    ['a verdict that is none', ['alerts', 'verdict', 'a', 'maybe']],
    ['a budget that is none', ['evaluate', '--labels', 'l', '--out', 'x', '--budget', '1,,3']],
  ])('%s', async (_, argv) => {
    const { exitCode, stdout, stderr } = await keyhound(argv)
    expect(exitCode).toBe(2)
    expect(stdout).toBe('')
    expect(stderr).toMatch(/^error: /)
    expect(stderr).toContain('--help')
  })

  test('no command at all shows the help', async () => {
    const { exitCode, stderr } = await keyhound([])
    expect(exitCode).toBe(2)
    expect(stderr).toContain('Usage: keyhound')
  })

  test('a workspace that is not there', async () => {
    const where = join(folder, 'none')
    const { exitCode, stderr } = await keyhound(['alerts', 'list', '--workspace', where])
    expect(exitCode).toBe(2)
    expect(stderr).toBe(`keyhound: no workspace at ${where}; name one with --workspace\n`)
  })

  test('a configuration with several faults names them all', async () => {
    const file = join(folder, 'config.json')
    writeFileSync(file, '{"seed": -1, "alerts": {"budget": 3}}')
    const { exitCode, stderr } = await keyhound(['alerts', 'list', '-w', folder, '--config', file])
    expect(exitCode).toBe(2)
    expect(stderr).toContain('seed')
    expect(stderr).toContain('budget')
  })

  test('under --json the error is also an object on stdout', async () => {
    const { exitCode, stdout } = await keyhound(['alerts', 'show', 'x', '-w', folder, '--json'])
    expect(exitCode).toBe(2)
    expect(JSON.parse(stdout)).toEqual({
      error: { code: 'not-found', message: expect.stringContaining('no alert begins with "x"'), where: null },
    })
  })

  test('a stack only with --debug', async () => {
    const argv = ['alerts', 'show', 'x', '-w', folder]
    expect((await keyhound(argv)).stderr).not.toContain('    at ')
    expect((await keyhound([...argv, '--debug'])).stderr).toContain('    at ')
  })
})

test('global options stand before or after the command', async () => {
  const before = await keyhound(['--workspace', folder, '--json', 'alerts', 'list'])
  const after = await keyhound(['alerts', 'list', '--json', '--workspace', folder])
  expect(before).toMatchObject({ exitCode: 0, stdout: '[]\n', stderr: '' })
  expect(after).toEqual(before)
})

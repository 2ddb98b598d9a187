import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parseDocument } from 'yaml'
import { keyhound } from '../cli/harness.ts'
import { fromRoot } from './fences.ts'

const dockerfile = readFileSync(fromRoot('Dockerfile'), 'utf8')
/** Instructions with their arguments; continued lines joined, comments left out. */
const instructions = dockerfile
  .replace(/^#.*\n/gm, '')
  .replace(/\\\n\s*/g, '')
  .split('\n')
  .filter(line => line !== '')
  .map(line => ({ name: line.split(' ')[0]!, rest: line.slice(line.indexOf(' ') + 1) }))
const of = (name: string) => instructions.filter(one => one.name === name).map(one => one.rest)
const manifest = JSON.parse(readFileSync(fromRoot('package.json'), 'utf8'))

describe('Dockerfile', () => {
  const copied = of('COPY')
    .filter(rest => !rest.startsWith('--from'))
    .flatMap(rest => rest.split(' ').slice(0, -1))

  test('what it copies is kept in the repository, and .dockerignore lets it through and nothing else', () => {
    expect(copied.length).toBeGreaterThan(5)
    for (const path of copied) {
      const tracked = execFileSync('git', ['ls-files', path], { cwd: fromRoot('.'), encoding: 'utf8' })
      expect(tracked, path).not.toBe('')
    }
    const ignore = readFileSync(fromRoot('.dockerignore'), 'utf8')
      .split('\n')
      .filter(line => line && !line.startsWith('#'))
    expect(ignore[0]).toBe('*')
    expect(
      ignore
        .slice(1)
        .map(line => line.slice(1))
        .sort(),
    ).toEqual([...new Set(copied)].sort())
  })

  test('it runs the bin of the package, with its Node and as nobody special', () => {
    const bin = manifest.bin.keyhound as string
    expect(of('RUN').join('\n')).toContain(`ln -s /app/${bin} /usr/local/bin/keyhound`)
    expect(existsSync(fromRoot(bin.replace('dist/', 'src/').replace('.js', '.ts')))).toBe(true)
    expect(of('ENTRYPOINT')).toEqual(['["keyhound"]'])
    expect(of('USER')).toEqual(['1000:1000'])
    const nvmrc = readFileSync(fromRoot('.nvmrc'), 'utf8').trim().replace(/^v/, '').split('.')[0]
    for (const from of of('FROM')) expect(from).toMatch(new RegExp(`^node:${nvmrc}-slim\\b`))
  })

  test('what the last stage takes from others is made there', () => {
    for (const rest of of('COPY').filter(rest => rest.startsWith('--from'))) {
      const [, stage] = /^--from=(\w+) /.exec(rest)!
      expect(
        of('FROM').some(from => from.endsWith(` AS ${stage}`)),
        rest,
      ).toBe(true)
    }
  })

  test('the health check asks a route that there is, at the port of serve', async () => {
    const [check] = of('HEALTHCHECK')
    const [, port, route] = /127\.0\.0\.1:(\d+)(\/[\w/]+)/.exec(check!)!
    const api = JSON.parse(readFileSync(fromRoot('docs/openapi.json'), 'utf8'))
    expect(Object.keys(api.paths)).toContain(route)
    expect((await keyhound(['serve', '--help'])).stdout).toMatch(
      new RegExp(`--port .*\\s.*default:?\\s*${port}`),
    )
    expect(of('EXPOSE')).toEqual([port])
  })

  test('nothing secret is built in', () => {
    expect(dockerfile).not.toMatch(/password|secret|token|_KEY/i)
    expect(of('ARG')).toEqual([])
  })
})

describe('compose.yaml', () => {
  const document = parseDocument(readFileSync(fromRoot('compose.yaml'), 'utf8'), { merge: true })
  interface Service {
    readonly command?: string[]
    readonly ports?: string[]
    readonly volumes?: string[]
    readonly secrets?: string[]
    readonly environment?: Record<string, string>
  }
  const compose = document.toJS() as {
    services: Record<string, Service>
    secrets: Record<string, { file: string }>
    volumes: Record<string, null>
  }
  const services = Object.entries(compose.services)

  test('is sound; ports are open to this machine alone', () => {
    expect([...document.errors, ...document.warnings]).toEqual([])
    expect(services.map(([name]) => name)).toEqual(['api', 'scheduler', 'postgres'])
    for (const [name, { ports = [] }] of services)
      for (const port of ports) expect(port, name).toMatch(/^127\.0\.0\.1:/)
  })

  test('volumes and secrets that are used are declared; passwords are files', () => {
    for (const [name, { volumes = [], secrets = [], environment = {} }] of services) {
      for (const volume of volumes.filter(one => !/^[.$]/.test(one)))
        expect(Object.keys(compose.volumes), name).toContain(volume.split(':')[0])
      for (const secret of secrets) expect(compose.secrets).toHaveProperty(secret)
      for (const [variable, value] of Object.entries(environment)) {
        if (/PASSWORD/.test(variable)) expect(variable, name).toMatch(/_FILE$/)
        expect(value, name).not.toMatch(/:\/\/[^@/]*:[^@]*@/)
      }
    }
    for (const { file } of Object.values(compose.secrets))
      expect(file).toMatch(/^\$\{\w+:-\.\/postgres_password\.txt\}$/)
    expect(readFileSync(fromRoot('.gitignore'), 'utf8')).toContain('postgres_password.txt')
  })

  test('commands and options are those of keyhound', async () => {
    const commands = services.flatMap(([, { command }]) => (command ? [command] : []))
    expect(commands).toHaveLength(2)
    for (const [name, ...rest] of commands) {
      const { stdout } = await keyhound([name!, '--help'])
      for (const option of rest.filter(word => word.startsWith('--'))) expect(stdout).toContain(option)
    }
  })
})

import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { Cron } from 'croner'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { EXIT } from '../../src/cli/exit-code.ts'
import { defaultConfig } from '../../src/schema/config.ts'
import { keyhound } from '../cli/harness.ts'
import { fencesOf, fromRoot } from './fences.ts'

const SCHEDULE = 'docs/schedule.md'
const fences = fencesOf(SCHEDULE)
const has = (command: string, ...argv: string[]) => spawnSync(command, argv).status === 0
const one = (language: string) => {
  const [fence, ...others] = fences.filter(fence => fence.language === language)
  expect(others).toEqual([])
  return fence!.text
}
let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'keyhound-docs-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface Mapping {
  [name: string]: unknown
}
const documents = fences
  .filter(fence => fence.language === 'yaml')
  .flatMap(fence => parseAllDocuments(fence.text))
const yaml = documents.map(document => document.toJS() as Mapping)

describe('the examples are what their readers take', () => {
  test('YAML: no faults, no key twice', () => {
    expect(documents.length).toBe(4)
    for (const document of documents) expect([...document.errors, ...document.warnings]).toEqual([])
  })

  test('every cron expression runs once an hour, after the watermark', () => {
    const { latenessMinutes } = defaultConfig().scoring
    const crontab = one('cron')
      .split('\n')
      .find(line => / keyhound-?\S* | keyhound /.test(line) && !line.startsWith('#'))!
    const quoted = fences.flatMap(({ text }) =>
      [...text.matchAll(/(?:cron:?|schedule[:=]) ?"([^"]+)"/g)].map(([, it]) => it!),
    )
    expect(quoted).toHaveLength(4)
    for (const expression of [crontab.split(' ').slice(0, 5).join(' '), ...quoted]) {
      const [first, second] = new Cron(expression, { paused: true, timezone: 'UTC' }).nextRuns(2)
      expect(second!.getTime() - first!.getTime(), expression).toBe(3_600_000)
      expect(first!.getUTCMinutes(), expression).toBeGreaterThan(latenessMinutes)
    }
  })

  test('the Kubernetes job never runs twice at once, is not root, and mounts what it names', () => {
    const [job, claim] = yaml.filter(one => 'apiVersion' in one) as [Mapping, Mapping]
    expect([job.kind, claim.kind]).toEqual(['CronJob', 'PersistentVolumeClaim'])
    const spec = job.spec as Mapping & { jobTemplate: { spec: Mapping & { template: { spec: Mapping } } } }
    expect(spec.concurrencyPolicy).toBe('Forbid')
    const pod = spec.jobTemplate.spec.template.spec as Mapping &
      Record<'volumes' | 'containers' | 'initContainers', Mapping[]>
    expect(pod.restartPolicy).toBe('Never')
    expect(pod.securityContext).toMatchObject({ runAsNonRoot: true })
    const volumes = pod.volumes.map(volume => volume.name)
    const claims = pod.volumes.flatMap(
      volume => (volume.persistentVolumeClaim as Mapping | undefined)?.claimName ?? [],
    )
    expect(claims).toContain((claim.metadata as Mapping).name)
    for (const container of [...pod.initContainers, ...pod.containers]) {
      expect((container.volumeMounts as Mapping[]).map(mount => mount.name).sort()).toEqual(
        [...volumes].sort(),
      )
      expect(container.resources).toHaveProperty('limits.memory')
    }
    const rules = (spec.jobTemplate.spec.podFailurePolicy as { rules: { onExitCodes: Mapping }[] }).rules
    expect(rules[0]!.onExitCodes).toMatchObject({
      containerName: pod.containers[0]!.name,
      values: [EXIT.badInput],
    })
  })

  test.skipIf(!has('systemd-analyze', '--version'))('the systemd units verify', () => {
    for (const { text } of fences.filter(fence => fence.language === 'ini')) {
      const [, name] = /^# \/etc\/systemd\/system\/(\S+)$/m.exec(text)!
      // The script and the user are not on this machine.
      writeFileSync(
        join(folder, name!),
        text.replace(/^ExecStart=.*$/m, 'ExecStart=/bin/true').replace(/^User=.*\n/m, ''),
      )
    }
    const units = ['keyhound.service', 'keyhound.timer'].map(name => join(folder, name))
    const { status, stdout, stderr } = spawnSync('systemd-analyze', ['verify', ...units], {
      encoding: 'utf8',
    })
    // What it says of other units of the machine is not ours.
    const said = `${stdout}${stderr}`
      .split('\n')
      .filter(line => line.includes(folder) || line.startsWith('keyhound.'))
    expect(said).toEqual([])
    expect(status).toBe(0)
    expect(execFileSync('systemd-analyze', ['calendar', '*:20'], { encoding: 'utf8' })).toContain(':20:00')
  })

  test.skipIf(!has('python3', '--version'))('the Airflow DAG compiles', () => {
    const file = join(folder, 'dag.py')
    writeFileSync(file, one('python'))
    const { status, stderr } = spawnSync('python3', [
      '-c',
      `compile(open(${JSON.stringify(file)}).read(), 'dag.py', 'exec')`,
    ])
    expect(stderr.toString()).toBe('')
    expect(status).toBe(0)
  })
})

describe('the script', () => {
  /** Runs it with a keyhound that ends each command with the given code; answers its own code and what it called. */
  function runScript(codes: Record<string, number>) {
    const bin = join(folder, 'bin')
    mkdirSync(bin, { recursive: true })
    const log = join(folder, 'called')
    writeFileSync(log, '')
    const cases = Object.entries(codes).map(([name, code]) => `${name}) exit ${code};;`)
    writeFileSync(
      join(bin, 'keyhound'),
      `#!/bin/sh\necho "$1" >> ${log}\ncase "$1" in ${cases.join(' ')} esac\n`,
    )
    chmodSync(join(bin, 'keyhound'), 0o755)
    const script = join(folder, 'keyhound-hourly')
    writeFileSync(script, one('bash'))
    const env = { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH}` }
    const { status } = spawnSync('sh', [script], { env })
    return { status, called: readFileSync(log, 'utf8').trim().split('\n') }
  }
  const all = ['ingest', 'score', 'sinks', 'runs']

  test.each([
    [{}, 0],
    [{ ingest: 2 }, 2],
    [{ score: 4 }, 4],
    [{ ingest: 2, sinks: 1 }, 1],
  ])('does every step whatever came of the others: %o gives %i', (codes, status) => {
    expect(runScript(codes)).toEqual({ status, called: all })
  })
})

describe('what is named exists', () => {
  const text = readFileSync(fromRoot(SCHEDULE), 'utf8')

  test('commands and options', async () => {
    const code = fences.map(fence => fence.text).join('\n')
    const found = [
      ...code.matchAll(
        /(?:keyhound|\brun) ((?:(?:ingest|score|schedule|sinks|runs)\b)(?: (?:deliver|metrics|list)\b)?)([^\n|&`]*)/g,
      ),
    ]
    expect(found.length).toBeGreaterThan(12)
    for (const [line, command, rest] of found) {
      const { stdout, exitCode } = await keyhound([...command!.split(' '), '--help'])
      expect(exitCode, line).toBe(0)
      for (const [option] of rest!.matchAll(/--[a-z-]+/g)) expect(stdout, line).toContain(option)
    }
  })

  test('metrics', async () => {
    const source = readFileSync(fromRoot('src/pipeline/run-metrics.ts'), 'utf8')
    const named = new Set([...text.matchAll(/keyhound_([a-z_]+)/g)].map(([, name]) => name!))
    expect(named.size).toBeGreaterThan(3)
    for (const name of named) expect(source).toContain(`'${name}'`)
  })

  test('exit codes and the values of the configuration', () => {
    for (const code of Object.values(EXIT)) expect(text).toMatch(new RegExp(`^\\| ${code} \\|`, 'm'))
    const { latenessMinutes, lateDays } = defaultConfig().scoring
    expect(text).toContain(`\`scoring.latenessMinutes\` (${latenessMinutes})`)
    expect(text).toContain(`\`scoring.lateDays\` (${lateDays})`)
  })
})

import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { SCRIPTS, SHELLS, type ShellName } from '../../src/cli/completion/scripts.ts'
import { keyhound } from './harness.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'keyhound-complete-'))
  for (const version of [1, 2]) {
    const model = join(folder, 'models', 'default', String(version))
    mkdirSync(model, { recursive: true })
    const manifest = {
      ...{ formatVersion: 1, name: 'default', version, createdAt: '2026-10-01', contentId: 'c', filter: {} },
      training: { from: '2026-09-01', until: '2026-10-01', windows: 1, tokens: 1 },
    }
    writeFileSync(join(model, 'manifest.json'), JSON.stringify(manifest))
  }
  const sinks = [
    { name: 'archive', kind: 'file', folder: 'out' },
    { name: 'leads', kind: 'email', host: 'mail', from: 'k@example.com', to: ['a@example.com'] },
  ]
  writeFileSync(join(folder, 'k.json'), JSON.stringify({ sinks }))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** What is offered at the last of the words, descriptions left out. */
async function offered(...words: string[]): Promise<string[]> {
  const { exitCode, stdout } = await keyhound(['complete', 'answer', '--', ...words], { cwd: folder })
  expect(exitCode).toBe(0)
  return stdout
    .trimEnd()
    .split('\n')
    .map(line => line.split('\t')[0]!)
}

describe('what is offered', () => {
  test('commands, and those below a command', async () => {
    expect(await offered('')).toEqual(
      expect.arrayContaining(['ingest', 'train', 'score', 'models', 'doctor']),
    )
    expect(await offered('mod')).toEqual(['models'])
    expect(await offered('models', 'co')).toEqual(['compare'])
    expect(await offered('complete', '')).toEqual(
      expect.arrayContaining(['bash', 'zsh', 'fish', 'powershell']),
    )
    expect(await offered('complete', 'a')).toEqual([''])
  })

  test('options of the command and those of all, their values, paths', async () => {
    expect(await offered('evaluate', '--la')).toEqual(['--labels'])
    expect(await offered('evaluate', '--work')).toEqual(['--workspace'])
    expect(await offered('evaluate', '--labels', '')).toEqual([':files'])
    expect(await offered('evaluate', '--out', 'x')).toEqual([':folders'])
    expect(await offered('alerts', 'list', '--severity', 'h')).toEqual(['high'])
    expect(await offered('alerts', 'list', '--severity=h')).toEqual(['--severity=high'])
    expect(await offered('ingest', 'a.csv', '')).toEqual([':files'])
  })

  test('the value of an option is no command, nor the next argument', async () => {
    expect(await offered('-w', 'models', 'models', 'comp')).toEqual(['compare'])
    expect(await offered('--workspace=x', 'sinks', 'li')).toEqual(['list'])
  })

  test('names of models, of the workspace that was typed', async () => {
    const all = ['default', 'default@1', 'default@2']
    expect(await offered('models', 'compare', 'd')).toEqual(all)
    expect(await offered('models', 'compare', 'default@1', 'default@')).toEqual(['default@1', 'default@2'])
    expect(await offered('score', '--model', '')).toEqual(all)
    expect(await offered('score', '--model=default@2')).toEqual(['--model=default@2'])
    expect(await offered('-w', 'elsewhere', 'models', 'show', '')).toEqual([''])
  })

  test('names of sinks, of the configuration that was typed; settings', async () => {
    expect(await offered('--config', 'k.json', 'sinks', 'test', '')).toEqual(['archive', 'leads'])
    expect(await offered('--config', 'k.json', 'digest', '--mail', '')).toEqual(['leads'])
    expect(await offered('--config', 'none.json', 'sinks', 'test', '')).toEqual([''])
    expect(await offered('config', 'show', 'forest.')).toEqual(['forest.trees', 'forest.subsample'])
  })

  test('nothing, and no complaint, where nothing can be known', async () => {
    expect(await offered('alerts', 'show', '')).toEqual([''])
    expect(await offered('no', 'such', 'command')).toEqual([''])
    expect(await offered('train', '--no-such-option', '')).toEqual([''])
  })

  test('--next begins a word, for shells that drop empty ones', async () => {
    const { stdout } = await keyhound(['complete', 'answer', '--next', '--', 'models'])
    expect(stdout).toContain('compare\t')
  })
})

const has = (shell: string) => spawnSync(shell, ['--version']).status === 0
/** A shell's own check of a script: without running it. */
const CHECKS: Readonly<Record<ShellName, readonly string[]>> = {
  bash: ['bash', '-n'],
  zsh: ['zsh', '-n'],
  fish: ['fish', '--no-execute'],
  powershell: ['pwsh', '-NoProfile', '-File'],
}

describe('the scripts', () => {
  test.each(SHELLS)('%s is printed', async shell => {
    const { stdout } = await keyhound(['complete', shell])
    expect(stdout).toBe(`${SCRIPTS[shell]}\n`)
  })

  for (const shell of ['bash', 'zsh', 'fish'] as const) {
    const [program, ...argv] = CHECKS[shell] as [string, ...string[]]
    const isThere = has(program)
    test.skipIf(!isThere)(`${shell} takes it${isThere ? '' : ` (left out: no ${program})`}`, () => {
      const file = join(folder, `script.${shell}`)
      writeFileSync(file, SCRIPTS[shell])
      execFileSync(program, [...argv, file])
    })
  }
})

describe('in a real bash', () => {
  /** A keyhound that writes down what it is asked, and answers as told. */
  function complete(line: string, answer: string): { reply: string[]; asked: string[] } {
    const bin = join(folder, 'bin')
    mkdirSync(bin, { recursive: true })
    const asked = join(folder, 'asked')
    writeFileSync(
      join(bin, 'keyhound'),
      `#!/bin/sh\nprintf '%s\\n' "$@" > '${asked}'\ncat <<'EOF'\n${answer}\nEOF\n`,
    )
    chmodSync(join(bin, 'keyhound'), 0o755)
    writeFileSync(join(folder, 'load.bash'), SCRIPTS.bash)
    // As readline does: the line is split, the function of the command called, its reply read.
    const script = `
source '${join(folder, 'load.bash')}'
source '${join(folder, 'load.bash')}'
COMP_LINE=$1 COMP_POINT=\${#1}
IFS=' ' read -ra COMP_WORDS <<< "$1"
[[ $1 == *' ' ]] && COMP_WORDS+=('')
COMP_CWORD=$((\${#COMP_WORDS[@]} - 1))
_keyhound_complete
printf '%s\\n' "\${COMPREPLY[@]}"
cat '${asked}' >&2
[[ $COMP_WORDBREAKS == *[@=]* ]] && echo 'breaks words at @ or =' >&2
complete -p keyhound >/dev/null`
    const run = spawnSync('bash', ['--norc', '-c', script, 'bash', line], {
      cwd: folder,
      encoding: 'utf8',
      env: { ...process.env, PATH: `${bin}:${process.env.PATH}` },
    })
    expect(run.status).toBe(0)
    return { reply: run.stdout.trimEnd().split('\n').sort(), asked: run.stderr.trimEnd().split('\n') }
  }

  test('asks with the words as they are, and offers values without their descriptions', () => {
    const { reply, asked } = complete(
      'keyhound models compare default@',
      'default@1\tuntil then\ndefault@2\tuntil now',
    )
    expect(reply).toEqual(['default@1', 'default@2'])
    expect(asked).toEqual(['complete', 'answer', '--', 'models', 'compare', 'default@'])
  })

  test('a new word is asked for as an empty one', () => {
    // `printf` ends with the empty word, which trimming takes away.
    expect(complete('keyhound alerts ', 'list\t').asked).toEqual(['complete', 'answer', '--', 'alerts'])
  })

  test('files and folders come from the shell', () => {
    expect(complete('keyhound evaluate --labels k.', ':files').reply).toEqual(['k.json'])
    expect(complete('keyhound evaluate --out mod', ':folders').reply).toEqual(['models'])
  })

  test('what was typed is not evaluated', () => {
    const { asked } = complete('keyhound $(>evil) `>evil` ;', 'x\ty')
    expect(asked).toEqual(['complete', 'answer', '--', '$(>evil)', '`>evil`', ';'])
    expect(spawnSync('test', ['-e', join(folder, 'evil')]).status).toBe(1)
  })
})

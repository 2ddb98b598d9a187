import type { Cli } from '../cli.ts'
import { printable } from '../format.ts'
import { examples } from '../options.ts'

/** `keyhound complete`: shells ask it what may come next. */
export function defineComplete({ program, run }: Cli): void {
  const complete = program
    .command('complete')
    .summary('completion for bash, zsh, fish and PowerShell')
    .description(
      'Prints what a shell needs to complete commands, options and their values, names of models and sinks, and open alerts.',
    )
    .addHelpText(
      'after',
      examples([
        ['bash: for this session, and in ~/.bashrc for all', 'source <(keyhound complete bash)'],
        ['zsh: in ~/.zshrc, after compinit', 'source <(keyhound complete zsh)'],
        ['fish', 'keyhound complete fish > ~/.config/fish/completions/keyhound.fish'],
        ['PowerShell: in $PROFILE', 'keyhound complete powershell | Out-String | Invoke-Expression'],
      ]),
    )
  for (const name of ['bash', 'zsh', 'fish', 'powershell'] as const) {
    const script = complete.command(name).summary(`the script for ${name}`)
    script.action(() =>
      run(script, async shell => {
        const { SCRIPTS } = await import('../completion/scripts.ts')
        await shell.result({ shell: name, script: SCRIPTS[name] }, () => SCRIPTS[name])
        return undefined
      }),
    )
  }
  const answer = complete
    .command('answer', { hidden: true })
    .description('Says what may stand at the last of the words: what the scripts ask.')
    .argument('[word...]', 'the words after keyhound, the last as far as it is typed')
    .option('--next', 'a new word begins after the last')
  answer.action((words: string[], options: { next?: boolean }) =>
    run(answer, async shell => {
      const { expect } = await import('../completion/words.ts')
      const { findNames } = await import('../completion/names.ts')
      const typed = options.next ? [...words, ''] : words
      const found = expect(program, typed)
      const start = found.names === null ? '' : (typed.at(-1) ?? '').slice(found.names.prefix.length)
      const names = found.names === null ? [] : await findNames(found.names.kind, found, shell)
      const suggestions = [
        ...found.suggestions,
        ...names
          .filter(({ value }) => value.startsWith(start))
          .map(one => ({ ...one, value: `${found.names!.prefix}${one.value}` })),
      ]
      const lines = [
        // One line each, whatever a name holds.
        ...suggestions.map(({ value, description }) =>
          [value, description]
            .filter(text => text !== '')
            .map(printable)
            .join('\t'),
        ),
        ...(found.paths === null ? [] : [`:${found.paths}`]),
      ]
      await shell.result({ suggestions, paths: found.paths }, () => lines.join('\n'))
      return undefined
    }),
  )
}

import type { Argument, Command, Option } from 'commander'

/** What may stand at the cursor. */
export interface Suggestion {
  readonly value: string
  readonly description: string
}

/** Things with names of their own in a workspace. */
export type NameKind = 'model' | 'alert' | 'sink' | 'email-sink' | 'setting'

/** What the words before the cursor leave open. */
export interface Expected {
  readonly suggestions: readonly Suggestion[]
  /** Names to look up, and what stands before them in the word: `--model=`. */
  readonly names: { readonly kind: NameKind; readonly prefix: string } | null
  readonly paths: 'files' | 'folders' | null
  /** As typed so far, where given: where names are looked up. */
  readonly workspace: string | undefined
  readonly config: string | undefined
}

/** The command that the words before the cursor have reached, and what is still due there. */
interface Reached {
  command: Command
  /** Arguments of the command that stand already. */
  taken: number
  /** An option whose value the next word is. */
  pending: Option | undefined
  readonly given: Map<string, string>
}

/** What is expected at the last of the words, which is being typed. Words are those after the program's name. */
export function expect(program: Command, words: readonly string[]): Expected {
  const current = words.at(-1) ?? ''
  const reached: Reached = { command: program, taken: 0, pending: undefined, given: new Map() }
  for (const word of words.slice(0, -1)) step(reached, word)
  const found = expectAt(reached, current)
  return {
    suggestions: found.suggestions ?? [],
    names: found.names ?? null,
    paths: found.paths ?? null,
    workspace: reached.given.get('workspace'),
    config: reached.given.get('config'),
  }
}

function step(reached: Reached, word: string): void {
  const { command, pending, given } = reached
  if (pending !== undefined) {
    given.set(pending.attributeName(), word)
    reached.pending = undefined
    return
  }
  if (word.startsWith('-') && word.length > 1) {
    const [flag, value] = splitOnce(word)
    const option = optionsOf(command).find(one => one.long === flag || one.short === flag)
    if (option === undefined || !takesValue(option)) return
    if (value === undefined) reached.pending = option
    else given.set(option.attributeName(), value)
    return
  }
  const sub = reached.taken === 0 ? subcommands(command).find(one => one.name() === word) : undefined
  if (sub === undefined) reached.taken++
  else reached.command = sub
}

function expectAt({ command, taken, pending }: Reached, current: string): Partial<Expected> {
  if (pending !== undefined) return valuesOf(pending, nameKindOf(pending, command), current, '')
  if (current.startsWith('-')) {
    const [flag, value] = splitOnce(current)
    if (value === undefined) return { suggestions: flags(command, current) }
    const option = optionsOf(command).find(one => one.long === flag || one.short === flag)
    return option === undefined ? {} : valuesOf(option, nameKindOf(option, command), value, `${flag}=`)
  }
  const suggestions = (taken === 0 ? subcommands(command) : [])
    .filter(sub => sub.name().startsWith(current))
    .map(sub => ({ value: sub.name(), description: sub.summary() || sub.description() }))
  const argument = argumentAt(command, taken)
  if (argument === undefined) return { suggestions }
  const values = valuesOf(argument, nameKindOf(argument, command), current, '')
  return { ...values, suggestions: [...suggestions, ...(values.suggestions ?? [])] }
}

function argumentAt(command: Command, index: number): Argument | undefined {
  const { registeredArguments } = command
  const last = registeredArguments.at(-1)
  return registeredArguments[index] ?? (last?.variadic ? last : undefined)
}

/** Those of the command and of all above it, since global options stand anywhere. */
function optionsOf(command: Command): Option[] {
  const above = command.parent === null ? [] : optionsOf(command.parent)
  return [...command.options, ...above].filter(option => !option.hidden)
}

function subcommands(command: Command): Command[] {
  return command.createHelp().visibleCommands(command)
}

function flags(command: Command, current: string): Suggestion[] {
  const all = [
    ...optionsOf(command).map(option => ({
      value: option.long ?? option.short ?? '',
      description: option.description,
    })),
    { value: '--help', description: 'display help for command' },
  ]
  return all.filter(({ value }) => value.startsWith(current))
}

function takesValue({ required, optional }: Option): boolean {
  return required || optional
}

function valuesOf(
  of: Option | Argument,
  kind: NameKind | null,
  current: string,
  prefix: string,
): Partial<Expected> {
  if (of.argChoices !== undefined) {
    const suggestions = of.argChoices
      .filter(choice => choice.startsWith(current))
      .map(choice => ({ value: prefix + choice, description: '' }))
    return { suggestions }
  }
  if (kind !== null) return { names: { kind, prefix } }
  const placeholder = placeholderOf(of)
  if (/^(dir|folder)$/.test(placeholder)) return { paths: 'folders' }
  if (/^(file|path)$/.test(placeholder)) return { paths: 'files' }
  return {}
}

/** `<file>` -> file, `[name[@version]]` -> name, `<path...>` -> path. */
function placeholderOf(of: Option | Argument): string {
  const text = 'flags' in of ? (/[<[](.*)[>\]]$/.exec(of.flags)?.[1] ?? '') : of.name()
  return text.replace(/\.{3}$/, '')
}

/** What the names of commands, options and arguments say of what they want. */
function nameKindOf(of: Option | Argument, command: Command): NameKind | null {
  const isOption = 'flags' in of
  const placeholder = placeholderOf(of)
  if (isOption ? of.long === '--model' : /@version|^champion$|^challenger$/.test(placeholder)) return 'model'
  if (isOption ? of.long === '--alert' : placeholder === 'alert') return 'alert'
  if (isOption && placeholder === 'sink') return command.name() === 'digest' ? 'email-sink' : 'sink'
  if (!isOption && placeholder === 'name' && command.parent?.name() === 'sinks') return 'sink'
  if (!isOption && placeholder === 'setting') return 'setting'
  return null
}

/** `--model=default` -> --model, default. */
function splitOnce(word: string): [string, string | undefined] {
  const at = word.indexOf('=')
  return at < 0 ? [word, undefined] : [word.slice(0, at), word.slice(at + 1)]
}

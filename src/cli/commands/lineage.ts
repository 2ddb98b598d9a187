import type { Command } from 'commander'
import type { LineageLink } from '../../pipeline/lineage.ts'
import type { Cli } from '../cli.ts'
import { minute, number, printable, table } from '../format.ts'
import { choice, examples } from '../options.ts'
import type { Shell } from '../shell.ts'

const STATUSES = ['linked', 'withdrawn', 'unlinked'] as const

interface ListOptions {
  tenant?: string
  principal?: string
  status?: LineageLink['status']
}

/** `keyhound lineage`: which token follows which, and what people decide about it. */
export function defineLineage(cli: Cli): void {
  const { program, run } = cli
  const lineage = program
    .command('lineage')
    .summary('which token follows which: list, show, link, unlink')
    .description(
      'A token that follows another of its principal (rotation, refresh) goes on with its history. Links are inferred when a\n' +
        'token is first seen, with a reason and a confidence, and withdrawn when the predecessor goes on.',
    )
  const list = lineage
    .command('list', { isDefault: true })
    .summary('links, the latest first')
    .option('--tenant <id>', 'only this tenant')
    .option('--principal <id>', 'only this user or service')
    .addOption(choice('--status <status>', 'only links of this status', STATUSES))
    .addHelpText(
      'after',
      examples([
        ['Every link', 'keyhound lineage'],
        ['What turned out to be no rotation', 'keyhound lineage list --status withdrawn'],
      ]),
    )
  list.action((options: ListOptions) =>
    run(list, async shell => {
      const { listLineage } = await import('../../pipeline/lineage.ts')
      const links = (await listLineage(await shell.context({ mustExist: true }))).filter(
        link =>
          (options.tenant === undefined || link.tenantId === options.tenant) &&
          (options.principal === undefined || link.principalId === options.principal) &&
          (options.status === undefined || link.status === options.status),
      )
      await shell.result(links, () => (links.length === 0 ? 'no links' : linkTable(links, shell)))
      return undefined
    }),
  )
  const show = lineage
    .command('show')
    .summary('the lineage of one token, oldest first, and every link it is in')
    .argument('<token>', 'its id')
    .addHelpText(
      'after',
      examples([['Whose history does a token go on with?', 'keyhound lineage show tok_7f']]),
    )
  show.action((token: string) =>
    run(show, async shell => {
      const { lineageOf, listLineage } = await import('../../pipeline/lineage.ts')
      const all = await listLineage(await shell.context({ mustExist: true }))
      const tokens = lineageOf(all, token)
      const links = all.filter(link => tokens.includes(link.tokenId) || tokens.includes(link.predecessorId))
      await shell.result({ tokens, links }, () =>
        [
          tokens.map(printable).join(' -> '),
          ...(links.length === 0 ? ['no links: a lineage of its own'] : ['', linkTable(links, shell)]),
        ].join('\n'),
      )
      return undefined
    }),
  )
  defineDecision(cli, lineage, true)
  defineDecision(cli, lineage, false)
}

function defineDecision({ run }: Cli, lineage: Command, isLinked: boolean): void {
  const name = isLinked ? 'link' : 'unlink'
  const command = lineage
    .command(name)
    .summary(isLinked ? 'state that a token follows another' : 'state that a token does not follow another')
    .description(
      `${isLinked ? 'The token goes on with the history of the predecessor' : 'The token has a history of its own'}, whatever is inferred, from its first request on. Recorded with who\n` +
        'and why; `link` and `unlink` undo each other. Features of the days concerned are made again at the next scoring.',
    )
    .argument('<token>', 'the token that came later')
    .argument('<predecessor>', 'the one before it')
    .requiredOption('--because <text>', 'why; whoever finds it next year will ask')
    .option('--owner <name>', 'who answers for it (default: your login)')
    .addHelpText(
      'after',
      examples([
        isLinked
          ? [
              'A migration to another client',
              'keyhound lineage link tok_8a tok_7f --because "moved to the new SDK"',
            ]
          : [
              'No rotation after all',
              'keyhound lineage unlink tok_8a tok_7f --because "nobody asked for tok_8a"',
            ],
      ]),
    )
  command.action((tokenId: string, predecessorId: string, options: { because: string; owner?: string }) =>
    run(command, async shell => {
      const { decideLink } = await import('../../pipeline/lineage.ts')
      const decision = await decideLink(await shell.context({ mustExist: true }), {
        tokenId,
        predecessorId,
        isLinked,
        because: options.because,
        owner: options.owner ?? shell.effects.user,
      })
      await shell.result(
        decision,
        () =>
          `${printable(tokenId)} ${isLinked ? 'follows' : 'does not follow'} ${printable(predecessorId)}, from ${minute(decision.since)} UTC on; scores follow with the next \`keyhound score\``,
      )
      return undefined
    }),
  )
}

function linkTable(links: readonly LineageLink[], shell: Shell): string {
  return table(
    [
      'since (UTC)',
      'token',
      'follows',
      'principal',
      'status',
      { name: 'confidence', align: 'right' },
      'reason',
      'owner',
    ],
    links.map(link => [
      minute(link.since),
      printable(link.tokenId),
      printable(link.predecessorId),
      printable(link.principalId),
      link.status,
      number(link.confidence, 2),
      printable(link.reason),
      printable(link.owner ?? ''),
    ]),
    shell.colors,
  )
}

import type { Cli } from '../cli.ts'
import { fidelityText } from '../fidelity-text.ts'
import { facts, minute, number, shortContentId, table } from '../format.ts'
import { examples } from '../options.ts'
import { defineCheckLabels } from './check-labels.ts'
import { defineModelDrift } from './model-drift.ts'
import { defineModelExport } from './model-export.ts'
import { defineModelCompare, defineModelPromote } from './model-promotion.ts'

export function defineModels(cli: Cli): void {
  const { program, run } = cli
  const models = program
    .command('models')
    .summary('list, watch, compare and promote trained models')
    .description(
      'Looks at the models of the workspace, holds them against each other, and decides which is used. Versions are never\n' +
        'changed once published. The promoted version of a name is used; where none was promoted, the newest. The content id\n' +
        'is a hash of what a model is: training again on the same data with the same seed and settings gives the same id.',
    )
    .addHelpText(
      'after',
      examples([
        ['What is there', 'keyhound models list'],
        ['What a version was trained on, and with which settings', 'keyhound models show default@3'],
        ['The same for a script', 'keyhound models show default --json | jq .config'],
      ]),
    )
  const list = models
    .command('list')
    .summary('every model and version')
    .description('Lists every model and version of the workspace, newest last.')
    .addHelpText(
      'after',
      examples([
        ['All of this workspace', 'keyhound models list'],
        ['Of another one, as JSON', 'keyhound models list --workspace W --json'],
      ]),
    )
  list.action(() =>
    run(list, async shell => {
      const { listModels } = await import('../../pipeline/models.ts')
      const found = listModels(await shell.workspace())
      await shell.result(found, () =>
        found.length === 0
          ? 'no model yet; make one with: keyhound train'
          : table(
              [
                'model',
                'made (UTC)',
                'trained from',
                'until',
                { name: 'token-hours', align: 'right' },
                { name: 'tokens', align: 'right' },
                'filter',
                'used',
                'content id',
              ],
              found.map(one => [
                one.model,
                minute(new Date(one.createdAt)),
                minute(new Date(one.from)),
                minute(new Date(one.until)),
                number(one.windows),
                number(one.tokens),
                one.filter,
                one.isUsed ? 'yes' : '',
                shortContentId(one.contentId),
              ]),
              shell.colors,
            ),
      )
      return undefined
    }),
  )
  const show = models
    .command('show')
    .summary('one model in full')
    .description(
      'Shows the manifest of a model: what it was trained on, its configuration, seed and figures.',
    )
    .argument(
      '<name[@version]>',
      'model, the version in use unless one is named; or the start of a content id',
    )
    .addHelpText(
      'after',
      examples([
        ['The version in use', 'keyhound models show default'],
        ['A certain one, as JSON', 'keyhound models show default@1 --json'],
        ['By the content id that scores were made with', 'keyhound models show 4c19d2e07ab3'],
      ]),
    )
  show.action((name: string) =>
    run(show, async shell => {
      const { showModel } = await import('../../pipeline/models.ts')
      const { listPromotions } = await import('../../pipeline/promotions.ts')
      const workspace = await shell.workspace()
      const manifest = showModel(workspace, name)
      const promotions = listPromotions(workspace, manifest.name).filter(
        promotion => promotion.version === manifest.version,
      )
      const model = { ...manifest, promotions }
      await shell.result(model, () => {
        const { explanations, ...rest } = model
        const text = facts(flatten(rest), shell.colors)
        return explanations === undefined ? text : `${text}\n\n${fidelityText(explanations, shell.colors)}`
      })
      return undefined
    }),
  )
  defineCheckLabels(cli, models)
  defineModelDrift(cli, models)
  defineModelCompare(cli, models)
  defineModelPromote(cli, models)
  defineModelExport(cli, models)
}

/** A nested record as dotted `path, value` pairs; lists of plain values stay on one line. */
export function flatten(value: unknown, path = ''): (readonly [string, string])[] {
  const isPlain = (item: unknown) => item === null || typeof item !== 'object'
  if (isPlain(value)) return [[path, String(value)]]
  if (value instanceof Date) return [[path, value.toISOString()]]
  if (Array.isArray(value) && value.every(isPlain)) return [[path, value.join(', ')]]
  return Object.entries(value as object).flatMap(([name, item]) =>
    flatten(item, path === '' ? name : `${path}.${name}`),
  )
}

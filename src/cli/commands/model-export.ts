import type { Command } from 'commander'
import type { ExportFormat } from '../../pipeline/export-model.ts'
import type { Cli } from '../cli.ts'
import { number } from '../format.ts'
import { choice, examples } from '../options.ts'

interface Options {
  format: ExportFormat
  out: string
}

export function defineModelExport(cli: Cli, models: Command): void {
  const command = models
    .command('export')
    .summary('the isolation forest as ONNX or SQL, for use elsewhere')
    .description(
      'Writes the isolation forest of a model so that other programs score with it: as ONNX for any ONNX runtime, or as one SELECT\n' +
        'for DuckDB and other databases. Both give its anomaly score, 0-1, higher = more anomalous: one detector of the model, not\n' +
        'the combined score. Inputs are the features of data/features in the order that the file names; unknown is NaN, in SQL null.',
    )
    .argument(
      '<name[@version]>',
      'model, the version in use unless one is named; or the start of a content id',
    )
    .addOption(choice('--format <format>', 'what to write', ['onnx', 'sql'], 'onnx'))
    .requiredOption('--out <file>', 'file to write')
    .addHelpText(
      'after',
      examples([
        [
          'For onnxruntime, from Python, C++, Java or Rust',
          'keyhound models export default --format onnx --out forest.onnx',
        ],
        [
          'For a database: score a table or view "features"',
          'keyhound models export default@3 --format sql --out forest.sql',
        ],
      ]),
    )
  command.action((name: string, { format, out }: Options) =>
    cli.run(command, async shell => {
      const { writeFileSync } = await import('node:fs')
      const { publish } = await import('../../sql/workspace.ts')
      const { exportForest } = await import('../../pipeline/export-model.ts')
      const { loadModel } = await import('../../pipeline/models.ts')
      const model = await loadModel(await shell.workspace(), name)
      const written = exportForest(model, format)
      const file = shell.path(out)
      await publish(file, temporary => writeFileSync(temporary, written))
      const { forest } = model.detectors
      const { manifest } = model
      const result = {
        model: `${manifest.name}@${manifest.version}`,
        contentId: manifest.contentId,
        format,
        file,
        bytes: written.length,
        trees: forest.trees,
        features: forest.names,
      }
      await shell.result(
        result,
        () =>
          `forest of ${result.model}: ${forest.trees} trees over ${forest.names.length} features -> ${file} (${number(written.length / 1024)} KiB)`,
      )
      return undefined
    }),
  )
}

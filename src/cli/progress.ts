import cliProgress, { type SingleBar } from 'cli-progress'
import type { Progress } from '../schema/run.ts'
import type { Output } from './effects.ts'

/**
 * Progress on stderr: a bar a stage on a terminal, nothing but the lines of `say` elsewhere, so that scheduled jobs keep
 * short logs. `quiet` drops those lines too.
 */
export function createProgress(output: Output): Progress & { close(): void } {
  let bar: SingleBar | undefined
  const stop = () => {
    bar?.stop()
    bar = undefined
  }
  return {
    start(stage, total) {
      stop()
      if (!output.isTTY) return
      bar = new cliProgress.SingleBar(
        {
          stream: output,
          format: (options, params, payload) =>
            total > 0
              ? `${stage.padEnd(10)} ${cliProgress.Format.BarFormat(params.progress, options)} ${params.value}/${params.total} ${payload.note}`
              : `${stage.padEnd(10)} ${params.value} ${payload.note}`,
          hideCursor: true,
          clearOnComplete: true,
          barsize: 30,
          fps: 8,
        },
        cliProgress.Presets.shades_grey,
      )
      bar.start(total, 0, { note: '' })
    },
    step(count = 1, note) {
      bar?.increment(count, note === undefined ? {} : { note })
    },
    done: stop,
    say(line) {
      // A bar owns its line: it makes way, and is drawn again below.
      if (bar !== undefined && output.isTTY) output.write('\r\u001b[K')
      output.write(`${line}\n`)
    },
    close: stop,
  }
}

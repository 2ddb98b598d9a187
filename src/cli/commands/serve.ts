import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { KeyhoundError } from '../../lib/errors.ts'
import type { Cli } from '../cli.ts'
import { choice, examples, parseCount } from '../options.ts'

const PORT = 8787
const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent']

interface Options {
  host: string
  port: number
  logLevel: string
}

export function defineServe({ program, run }: Cli): void {
  const command = program
    .command('serve')
    .summary('web page and HTTP API over the workspace')
    .description(
      'Serves the page for triage, and scores, alerts, verdicts and scoring over HTTP; /openapi.json describes every\n' +
        'route, and the page logs in with an API key. Without API keys it\n' +
        'answers this machine alone; with keys, whoever shows one, as far as its role and tenant go. Ends on SIGTERM or\n' +
        'SIGINT once the requests that run are answered. Logs are JSON lines on standard error, without secrets.',
    )
    .option('--host <address>', 'address to listen on; others than loopback need an API key', '127.0.0.1')
    .option('--port <n>', 'port to listen on; 0 takes a free one', parseCount(0, 65_535), PORT)
    .addOption(choice('--log-level <level>', 'how much is logged', LOG_LEVELS, 'info'))
    .addHelpText(
      'after',
      examples([
        ['For yourself, on this machine', 'keyhound serve'],
        ['What it offers', `curl http://127.0.0.1:${PORT}/openapi.json`],
        ['For others, behind a proxy that ends TLS', 'keyhound serve --host 0.0.0.0 --port 8787'],
      ]),
    )
  command.action((options: Options) =>
    run(command, async shell => {
      const { openServer } = await import('../../server/open.ts')
      const { createLogger } = await import('../../server/log.ts')
      const { stderr, now } = shell.effects
      const workspace = await shell.workspace()
      if (!existsSync(workspace.root)) {
        throw new KeyhoundError('not-found', `no workspace at ${workspace.root}; name one with --workspace`, {
          where: workspace.root,
        })
      }
      const stopped = shell.effects.stopSignal()
      const logger = createLogger({ write: line => void stderr.write(line) }, options.logLevel)
      const server = await openServer({
        workspace,
        config: await shell.config(),
        logger,
        version: program.version() ?? '',
        clock: now,
        host: options.host,
        port: options.port,
        temporaryFolder: join(shell.scratch(), 'spill'),
      })
      const page = server.hasPage ? `${server.url}/` : null
      await shell.result({ url: server.url, page }, () =>
        [
          `listening on ${server.url}`,
          page === null
            ? 'no page: it is not built here; run npm run build:page, and serve again'
            : `open ${page} in a browser`,
        ].join('\n'),
      )
      logger.info({ signal: await stopped }, 'stopping')
      await server.close()
      logger.info('stopped')
      return undefined
    }),
  )
}

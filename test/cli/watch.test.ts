import { expect, test } from 'vitest'
import { keyhound } from './harness.ts'

test.each([
  [['--from', 'file'], '--from file needs --path'],
  [['--from', 'nats', '--url', 'nats://127.0.0.1:1'], '--from nats needs --url and --stream'],
  [['--from', 'kafka', '--topics', 'a'], '--from kafka needs --brokers and --topics'],
  [['--from', 'kafka', '--topics', 'a', '--brokers', 'b:1', '--sasl', 'plain'], 'KEYHOUND_KAFKA_PASSWORD'],
  [['--from', 'http', '--listen', '8787'], 'write host:port'],
  [['--from', 'file', '--path', 'a', '--every', '5'], 'Write a time with its unit'],
  [['--from', 'mqtt'], 'Allowed choices are file, http, nats, kafka'],
])('watch %j is told what is missing', async (argv, text) => {
  const run = await keyhound(['watch', ...argv])
  expect([run.exitCode, run.stderr]).toEqual([2, expect.stringContaining(text)])
})

test('watch of a workspace that is not there says so', async () => {
  const run = await keyhound([
    'watch',
    '--from',
    'file',
    '--path',
    'a',
    '--workspace',
    '/nonexistent/keyhound',
  ])
  expect([run.exitCode, run.stderr]).toEqual([2, expect.stringContaining('no workspace at')])
})

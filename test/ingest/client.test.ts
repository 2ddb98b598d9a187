import { expect, test } from 'vitest'
import { parseClient } from '../../src/ingest/client.ts'

test.each([
  ['python-requests/2.31.0', 'python-requests', '2.31.0', 'server'],
  ['[aws-cli/2.13.0 Python/3.11.4 Linux/5.15]', 'aws-cli', '2.13.0', 'server'],
  [
    'APN/1.0 HashiCorp/1.0 Terraform/1.1.2 (+https://www.terraform.io) aws-sdk-go/1.44.157',
    'Terraform',
    '1.1.2',
    'server',
  ],
  ['curl/8.4.0', 'curl', '8.4.0', 'server'],
  ['Go-http-client/1.1', 'Go-http-client', '1.1', 'server'],
  ['s3.amazonaws.com', 's3.amazonaws.com', null, 'server'],
  ['AWS Internal', 'AWS Internal', null, 'server'],
  [
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36',
    'Chrome',
    '120.0.0.0',
    'desktop',
  ],
  [
    'Mozilla/5.0 (iPhone; CPU iPhone OS 17_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.1 Mobile/15E148 Safari/604.1',
    'Safari',
    '17.1',
    'mobile',
  ],
  ['Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)', 'Googlebot', '2.1', 'bot'],
  ['sqlmap/1.7#stable (https://sqlmap.org)', 'sqlmap', '1.7', 'bot'],
  ['???', '???', null, 'unknown'],
])('%s', (text, client, version, device) => {
  expect(parseClient(text)).toEqual({ client, version, device })
})

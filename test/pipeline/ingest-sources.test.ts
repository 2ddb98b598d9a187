import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { hashTokens } from '../../src/ingest/identity.ts'
import { type Bench, createBench } from './ingest-fixture.ts'

let bench: Bench
beforeEach(async () => {
  bench = await createBench()
})
afterEach(() => bench.engine.close())

const lines = (records: readonly object[]) => records.map(record => JSON.stringify(record)).join('\n')

describe('cloudtrail', () => {
  const records = [
    {
      eventVersion: '1.08',
      userIdentity: {
        type: 'IAMUser',
        principalId: 'AIDA1',
        arn: 'arn:aws:iam::111122223333:user/ann',
        accountId: '111122223333',
        accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
        userName: 'ann',
      },
      eventTime: '2026-10-05T01:00:00Z',
      eventSource: 's3.amazonaws.com',
      eventName: 'GetObject',
      sourceIPAddress: '198.51.100.7',
      userAgent: '[aws-cli/2.13.0 Python/3.11.4 Linux/5.15 botocore/2.4.5]',
      errorCode: 'AccessDenied',
      requestParameters: { bucketName: 'payroll', key: 'a.csv' },
      additionalEventData: { bytesTransferredIn: 0, bytesTransferredOut: 243 },
      eventID: 'e-1',
      recipientAccountId: '444455556666',
    },
    {
      userIdentity: {
        type: 'AssumedRole',
        principalId: 'AROA1:i-1',
        arn: 'arn:aws:sts::111122223333:assumed-role/web/i-1',
        accessKeyId: 'ASIAIOSFODNN7EXAMPLE',
        sessionContext: {
          sessionIssuer: { userName: 'web' },
          attributes: { creationDate: '2026-10-05T00:30:00Z' },
        },
      },
      eventTime: '2026-10-05T01:00:01Z',
      eventSource: 'ec2.amazonaws.com',
      eventName: 'DescribeInstances',
      sourceIPAddress: 'ec2.amazonaws.com',
      errorCode: 'Client.RequestLimitExceeded',
      requestParameters: null,
      eventID: 'e-2',
    },
    {
      userIdentity: { type: 'AWSService', invokedBy: 'config.amazonaws.com' },
      eventTime: '2026-10-05T01:00:02Z',
      eventSource: 'sts.amazonaws.com',
      eventName: 'AssumeRole',
      sourceIPAddress: 'config.amazonaws.com',
      resources: [{ ARN: 'arn:aws:iam::111122223333:role/config', type: 'AWS::IAM::Role' }],
      eventID: 'e-3',
    },
  ]
  const columns =
    'token_id, token_kind, principal_id, tenant_id, role, operation, resource_type, resource_id, status, source_ip, client, client_version, response_bytes, token_created_at'

  test('files as delivered: key id, else ARN or service; status from the error code; names of services are no addresses', async () => {
    const path = bench.write(
      '111122223333_CloudTrail_us-east-1.json.gz',
      gzipSync(JSON.stringify({ Records: records })),
    )
    const summary = await bench.ingest(path)
    expect(summary).toMatchObject({ added: 3, rejected: 0 })
    expect(summary.files[0]).toMatchObject({ source: 'cloudtrail', format: 'json' })
    expect(await bench.events(columns)).toEqual([
      {
        token_id: 'AKIAIOSFODNN7EXAMPLE',
        token_kind: 'access_key',
        principal_id: 'arn:aws:iam::111122223333:user/ann',
        tenant_id: '444455556666',
        role: null,
        operation: 's3.amazonaws.com:GetObject',
        resource_type: 'bucket',
        resource_id: 'payroll',
        status: 403,
        source_ip: '198.51.100.7',
        client: 'aws-cli',
        client_version: '2.13.0',
        response_bytes: 243,
        token_created_at: null,
      },
      {
        token_id: 'ASIAIOSFODNN7EXAMPLE',
        token_kind: 'session',
        principal_id: 'arn:aws:sts::111122223333:assumed-role/web/i-1',
        tenant_id: 'default',
        role: 'web',
        operation: 'ec2.amazonaws.com:DescribeInstances',
        resource_type: null,
        resource_id: null,
        status: 429,
        source_ip: null,
        client: null,
        client_version: null,
        response_bytes: null,
        token_created_at: new Date('2026-10-05T00:30:00Z'),
      },
      {
        token_id: 'config.amazonaws.com',
        token_kind: 'awsservice',
        principal_id: 'config.amazonaws.com',
        tenant_id: 'default',
        role: null,
        operation: 'sts.amazonaws.com:AssumeRole',
        resource_type: 'AWS::IAM::Role',
        resource_id: 'arn:aws:iam::111122223333:role/config',
        status: 200,
        source_ip: null,
        client: null,
        client_version: null,
        response_bytes: null,
        token_created_at: null,
      },
    ])
  })

  test('--tokens secret hashes key ids all the same', async () => {
    await bench.ingest(bench.write('a.json', JSON.stringify({ Records: records })), { tokens: 'secret' })
    const [id] = hashTokens(bench.workspace, ['AKIAIOSFODNN7EXAMPLE'])
    expect((await bench.events('token_id'))[0]).toEqual({ token_id: id })
  })
})

describe('nginx and combined access logs', () => {
  const log = [
    '198.51.100.7 - - [05/Oct/2026:03:00:00 +0200] "GET /v1/tasks/9?page=2 HTTP/1.1" 200 512 "https://app.test/" "curl/8.4.0" "Bearer opaque-token-1" rt=0.250',
    '2001:db8::1 - - [05/Oct/2026:01:00:01 +0000] "POST /login HTTP/2.0" 302 - "-" "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36" "theme=dark; PHPSESSID=session-token-2; x=1"',
    '198.51.100.7 - ann [05/Oct/2026:01:00:02 +0000] "GET /v1/tasks HTTP/1.1" 401 12 "-" "say \\"hi\\"/1.0"',
    '198.51.100.7 - - [05/Oct/2026:01:00:03 +0000] "GET /v1/x?api_key=query-token-3&a=b HTTP/1.1" 200 1',
    '198.51.100.7 - - [05/Oct/2026:01:00:04 +0000] "GET /robots.txt HTTP/1.1" 404 0 "-" "curl/8.4.0"',
  ].join('\n')

  test('token from bearer, cookie, query or remote user; anonymous requests are rejected without failing the run', async () => {
    const summary = await bench.ingest(bench.write('access.log', `${log}\n`))
    expect(summary).toMatchObject({
      read: 5,
      added: 4,
      rejected: 1,
      rejectsByReason: { 'token_id: missing': 1 },
    })
    expect(summary.files[0]).toMatchObject({ source: 'nginx', format: 'lines' })
    const ids = hashTokens(bench.workspace, ['opaque-token-1', 'session-token-2', 'ann', 'query-token-3'])
    const events = await bench.events(
      'token_id, time, method, path, operation, status, source_ip, net, client, response_bytes, latency_ms',
    )
    expect(events.map(event => event.token_id)).toEqual(ids)
    expect(events[0]).toMatchObject({
      time: new Date('2026-10-05T01:00:00Z'),
      method: 'GET',
      path: '/v1/tasks/9',
      operation: 'GET /v1/tasks/{id}',
      status: 200,
      source_ip: '198.51.100.7',
      net: '198.51.100.0/24',
      client: 'curl',
      response_bytes: 512,
      latency_ms: 250,
    })
    expect(events[1]).toMatchObject({
      method: 'POST',
      operation: 'POST /login',
      source_ip: '2001:db8::1',
      net: '2001:db8::/48',
      client: 'Chrome',
      response_bytes: null,
    })
    expect(events[3]).toMatchObject({ path: '/v1/x' })
  })

  test('lines of another kind are rejected with their row', async () => {
    await bench.failure(bench.write('access.log', `${log}\n\nkernel: oops\n`))
    expect(await bench.rejects()).toEqual([
      { file: 'access.log', row: 5, reason: 'token_id: missing' },
      { file: 'access.log', row: 7, reason: 'row: not in the common or combined log format' },
    ])
  })
})

test('aws-api-gateway: key id, route as operation, epoch milliseconds', async () => {
  const path = bench.write(
    'apigw.log',
    lines([
      {
        requestId: 'r1',
        ip: '198.51.100.7',
        requestTime: '05/Oct/2026:01:00:00 +0000',
        requestTimeEpoch: 1791162000123,
        httpMethod: 'GET',
        resourcePath: '/pets/{id}',
        path: '/prod/pets/7',
        status: '200',
        responseLength: '99',
        apiKeyId: 'key-1',
        responseLatency: '12',
        userAgent: 'okhttp/4.9.3',
      },
      {
        requestId: 'r2',
        ip: '198.51.100.7',
        requestTime: '05/Oct/2026:01:00:01 +0000',
        routeKey: 'POST /pets',
        status: 429,
        responseLength: '-',
        principalId: 'client-2',
      },
    ]),
  )
  const summary = await bench.ingest(path)
  expect(summary.files[0]).toMatchObject({ source: 'aws-api-gateway', accepted: 2 })
  expect(
    await bench.events(
      'event_id, time, token_id, operation, resource_type, resource_id, status, response_bytes, latency_ms, client',
    ),
  ).toEqual([
    {
      event_id: 'r1',
      time: new Date(1791162000123),
      token_id: 'key-1',
      operation: 'GET /pets/{id}',
      resource_type: 'pets',
      resource_id: '7',
      status: 200,
      response_bytes: 99,
      latency_ms: 12,
      client: 'okhttp',
    },
    {
      event_id: 'r2',
      time: new Date('2026-10-05T01:00:01Z'),
      token_id: 'client-2',
      operation: 'POST /pets',
      resource_type: null,
      resource_id: null,
      status: 429,
      response_bytes: null,
      latency_ms: null,
      client: null,
    },
  ])
})

test('aws-api-gateway: where the raw key is logged it is a secret', async () => {
  await bench.ingest(
    bench.write(
      'a.jsonl',
      lines([
        {
          requestId: 'r',
          requestTimeEpoch: 1791162000123,
          resourcePath: '/x',
          httpMethod: 'GET',
          apiKey: 'RawKeyRawKeyRawKey0123456789RawKeyRawKey',
        },
      ]),
    ),
  )
  expect(await bench.events('token_id')).toEqual([
    { token_id: hashTokens(bench.workspace, ['RawKeyRawKeyRawKey0123456789RawKeyRawKey'])[0] },
  ])
})

test('github-audit: hashed token, else the actor’s web sessions', async () => {
  const hashed = 'Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4Zm9vYmFyYmE='
  const path = bench.write(
    'audit.json',
    lines([
      {
        '@timestamp': 1791162000000,
        _document_id: 'd1',
        action: 'git.clone',
        actor: 'ann',
        org: 'acme',
        repo: 'acme/app',
        hashed_token: hashed,
        programmatic_access_type: 'Personal access token',
        token_scopes: 'repo,read:org',
        actor_ip: '198.51.100.7',
        actor_location: { country_code: 'DE' },
        user_agent: 'git/2.40.0',
      },
      {
        '@timestamp': 1791162001000,
        _document_id: 'd2',
        action: 'org.add_member',
        actor: 'bob',
        org: 'acme',
      },
    ]),
  )
  expect((await bench.ingest(path)).files[0]).toMatchObject({ source: 'github-audit', accepted: 2 })
  expect(
    await bench.events(
      'token_id, token_kind, principal_id, tenant_id, operation, resource_type, resource_id, granted_scopes, country, client',
    ),
  ).toEqual([
    {
      token_id: hashed,
      token_kind: 'personal access token',
      principal_id: 'ann',
      tenant_id: 'acme',
      operation: 'git.clone',
      resource_type: 'repository',
      resource_id: 'acme/app',
      granted_scopes: 'read:org repo',
      country: 'DE',
      client: 'git',
    },
    {
      token_id: 'web:bob',
      token_kind: 'web',
      principal_id: 'bob',
      tenant_id: 'acme',
      operation: 'org.add_member',
      resource_type: null,
      resource_id: null,
      granted_scopes: null,
      country: null,
      client: null,
    },
  ])
})

test('ocsf: API Activity', async () => {
  const path = bench.write(
    'ocsf.json',
    JSON.stringify([
      {
        class_uid: 6003,
        time: 1791162000000,
        status_id: 2,
        metadata: { uid: 'o1', version: '1.1.0' },
        actor: {
          user: { uid: 'u1', name: 'ann', credential_uid: 'AKIAIOSFODNN7EXAMPLE' },
          session: { created_time: 1791160000000 },
        },
        api: {
          operation: 'GetSecretValue',
          service: { name: 'secretsmanager' },
          response: { error: 'AccessDenied' },
        },
        cloud: { account: { uid: 'acct' } },
        src_endpoint: {
          ip: '2001:db8:1:2::9',
          location: { country: 'FR', city: 'Lyon', coordinates: [4.8, 45.7] },
          autonomous_system: { number: 64500, name: 'Example Net' },
        },
        http_request: { user_agent: 'Boto3/1.28.0 md/Botocore#1.31.0', url: { path: '/' } },
        resources: [{ uid: 'arn:secret', type: 'AWS::SecretsManager::Secret' }],
      },
    ]),
  )
  expect((await bench.ingest(path)).files[0]).toMatchObject({ source: 'ocsf', accepted: 1 })
  expect(
    await bench.events(
      'event_id, token_id, principal_id, tenant_id, operation, resource_type, resource_id, status, net, country, city, latitude, longitude, asn, as_org, client, token_created_at',
    ),
  ).toEqual([
    {
      event_id: 'o1',
      token_id: 'AKIAIOSFODNN7EXAMPLE',
      principal_id: 'u1',
      tenant_id: 'acct',
      operation: 'secretsmanager:GetSecretValue',
      resource_type: 'AWS::SecretsManager::Secret',
      resource_id: 'arn:secret',
      status: 403,
      net: '2001:db8:1::/48',
      country: 'FR',
      city: 'Lyon',
      latitude: 45.7,
      longitude: 4.8,
      asn: 64500,
      as_org: 'Example Net',
      client: 'Boto3',
      token_created_at: new Date(1791160000000),
    },
  ])
})

test('one call takes logs of several sources, each by its own kind of token, and says what it chose', async () => {
  const trail = bench.write(
    't.json',
    JSON.stringify({
      Records: [
        {
          eventSource: 's',
          eventName: 'n',
          eventTime: '2026-10-05T01:00:00Z',
          userIdentity: { accessKeyId: 'AKIA1' },
        },
      ],
    }),
  )
  const plain = bench.write('p.csv', 'time,token\n2026-10-05T01:00:00Z,raw-secret\n')
  const summary = await bench.ingest([trail, plain])
  expect(summary.files.map(file => file.source)).toEqual(['generic', 'cloudtrail'])
  expect(summary.notes[0]).toMatch(
    /^1 file: generic: columns recognised by name \(csv\).*hashed under the workspace key \(by default\)/,
  )
  expect(summary.notes[1]).toMatch(
    /^1 file: cloudtrail: records have eventSource.*kept as they are \(by default\)/,
  )
})

const DATASETS =
  process.env.KEYHOUND_DATASETS ?? fileURLToPath(new URL('../../../shared/datasets', import.meta.url))
const dataset = (name: string) => join(DATASETS, name)

test.skipIf(!existsSync(dataset('cloudtrail_raw')))(
  'real CloudTrail files are taken without a reject (skipped without ../shared/datasets/cloudtrail_raw)',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'keyhound-trail-'))
    execFileSync('tar', ['xzf', join(dataset('cloudtrail_raw'), 'cloudtrail_raw.tgz'), '-C', folder])
    const summary = await bench.ingest(folder)
    rmSync(folder, { recursive: true })
    expect(summary).toMatchObject({ read: 2900, added: 2900, rejected: 0, duplicates: 0, tokens: 146 })
  },
)

const REAL = [
  { name: 'github_takeover_spliced', rows: 84_659, rejected: 0, tokens: 545 },
  // A session cookie set anew on every request: no log of tokens, as the check says.
  { name: 'atrdf_1', rows: 5037, rejected: 0, tokens: 5037, accept: ['token-per-row'] },
  { name: 'cloudtrail_attacks', rows: 3313, rejected: 0, tokens: 189 },
] as const
for (const { name, rows, rejected, tokens, ...options } of REAL) {
  test.skipIf(!existsSync(dataset(name)))(
    `${name} is taken whole (skipped without ../shared/datasets)`,
    async () => {
      const file = join(dataset(name), 'data.parquet')
      if ('accept' in options) await expect(bench.ingest(file)).rejects.toThrow(/--accept token-per-row/)
      expect(await bench.ingest(file, options)).toMatchObject({
        read: rows,
        rejected,
        tokens,
      })
    },
  )
}

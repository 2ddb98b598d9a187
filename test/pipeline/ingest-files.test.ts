import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readSourceFile } from '../../src/ingest/source-file.ts'
import { type Bench, createBench } from './ingest-fixture.ts'

let bench: Bench
beforeEach(async () => {
  bench = await createBench()
})
afterEach(() => bench.engine.close())

/** Records as makers publish them, or in the shape that they document (each source file cites where), and the event. */
const RECORDS: Record<string, { record: Record<string, unknown>; event: Record<string, unknown> }> = {
  'gitlab-api': {
    record: {
      time: '2018-10-29T12:49:42.123Z',
      severity: 'INFO',
      duration_s: 0.70908,
      status: 200,
      method: 'GET',
      path: '/api/v4/projects',
      host: 'localhost',
      remote_ip: '::1',
      ua: 'Ruby',
      route: '/api/:version/projects',
      user_id: 1,
      username: 'root',
    },
    event: {
      time: '2018-10-29T12:49:42.123Z',
      token_id: 'root',
      operation: 'GET /api/:version/projects',
      status: 200,
      source_ip: '::1',
      latency_ms: 709.08,
    },
  },
  caddy: {
    record: {
      level: 'info',
      ts: 1646861401.5241024,
      logger: 'http.log.access',
      msg: 'handled request',
      request: {
        remote_ip: '127.0.0.1',
        remote_port: '41342',
        client_ip: '127.0.0.1',
        proto: 'HTTP/2.0',
        method: 'GET',
        host: 'localhost',
        uri: '/',
        headers: { 'User-Agent': ['curl/7.82.0'], Accept: ['*/*'], Authorization: ['key-0000-example'] },
      },
      bytes_read: 0,
      user_id: '',
      duration: 0.000929675,
      size: 10900,
      status: 200,
    },
    event: {
      time: '2022-03-09T21:30:01.524Z',
      operation: 'GET /',
      status: 200,
      source_ip: '127.0.0.1',
      latency_ms: 0.929675,
    },
  },
  kong: {
    record: {
      request: {
        querystring: {},
        size: '75',
        uri: '/get',
        url: 'http://httpbin.org:8000/get',
        headers: { 'user-agent': 'curl/7.37.1' },
        method: 'GET',
      },
      upstream_uri: '/',
      response: { status: 200, size: '434', headers: {} },
      authenticated_entity: {
        consumer_id: '80f74eef-31b8-45d5-c525-ae532297ea8e',
        id: 'eaa330c0-4cff-47f5-c79e-b2e4f355207e',
      },
      latencies: { proxy: 1430, kong: 9, request: 1921 },
      client_ip: '127.0.0.1',
      started_at: 1433209822425,
    },
    event: {
      time: '2015-06-02T01:50:22.425Z',
      token_id: 'eaa330c0-4cff-47f5-c79e-b2e4f355207e',
      operation: 'GET /get',
      status: 200,
      source_ip: '127.0.0.1',
      latency_ms: 1921,
    },
  },
  okta: {
    record: {
      version: '0',
      severity: 'INFO',
      client: {
        zone: 'OFF_NETWORK',
        device: 'Unknown',
        userAgent: { os: 'Unknown', browser: 'UNKNOWN', rawUserAgent: 'UNKNOWN-DOWNLOAD' },
        ipAddress: '12.97.85.90',
      },
      actor: {
        id: '00u1qw1mqitPHM8AJ0g7',
        type: 'User',
        alternateId: 'admin@example.com',
        displayName: 'John Doe',
      },
      outcome: { result: 'SUCCESS' },
      uuid: 'f790999f-fe87-467a-9880-6982a583986c',
      published: '2017-09-30T22:23:07.777Z',
      eventType: 'user.session.start',
      transaction: { type: 'WEB', id: 'V04Oy4ubUOc5UuG6s9DyNQAABtc' },
      debugContext: { debugData: { requestUri: '/login/do-login' } },
      authenticationContext: { authenticationStep: 0, externalSessionId: '1013FfF-DKQSvCI4RVXChzX-w' },
    },
    event: {
      time: '2017-09-30T22:23:07.777Z',
      token_id: '1013FfF-DKQSvCI4RVXChzX-w',
      operation: 'user.session.start',
      status: 200,
      source_ip: '12.97.85.90',
      latency_ms: null,
    },
  },
  'gcp-audit': {
    record: {
      protoPayload: {
        '@type': 'type.googleapis.com/google.cloud.audit.AuditLog',
        status: {},
        authenticationInfo: { principalEmail: 'user@example.com' },
        requestMetadata: { callerIp: '192.0.2.5' },
        serviceName: 'appengine.googleapis.com',
        methodName: 'SetIamPolicy',
        resourceName: 'projects/my-gcp-project-id',
      },
      insertId: '53179D9A9B559.AD6ACC7.B40604EF',
      resource: { type: 'gae_app', labels: { project_id: 'my-gcp-project-id' } },
      timestamp: '2019-05-27T16:24:56.135Z',
      severity: 'NOTICE',
    },
    event: {
      time: '2019-05-27T16:24:56.135Z',
      token_id: 'user@example.com',
      operation: 'SetIamPolicy',
      status: 200,
      source_ip: '192.0.2.5',
      latency_ms: null,
    },
  },
  vault: {
    record: {
      time: '2026-09-01T08:10:31.246Z',
      type: 'response',
      auth: { accessor: 'hmac-sha256:aa11', display_name: 'token-app', token_type: 'service' },
      request: {
        id: 'r-1',
        operation: 'read',
        path: 'secret/data/app',
        mount_type: 'kv',
        remote_address: '198.51.100.7',
        client_token_accessor: 'hmac-sha256:aa11',
      },
      error: '1 error occurred:\n\t* permission denied\n\n',
    },
    event: {
      time: '2026-09-01T08:10:31.246Z',
      token_id: 'hmac-sha256:aa11',
      operation: 'read secret/data/app',
      status: 403,
      source_ip: '198.51.100.7',
      latency_ms: null,
    },
  },
  auth0: {
    record: {
      date: '2026-09-01T08:10:31.246Z',
      type: 'fsa',
      client_id: 'c1',
      client_name: 'app',
      ip: '198.51.100.7',
      user_agent: 'curl/8',
      user_id: 'auth0|1',
      log_id: '900',
    },
    event: {
      time: '2026-09-01T08:10:31.246Z',
      token_id: 'c1',
      operation: 'fsa',
      status: 400,
      source_ip: '198.51.100.7',
      latency_ms: null,
    },
  },
  cloudflare: {
    record: {
      RayID: '3a6',
      ClientIP: '198.51.100.7',
      ClientRequestMethod: 'GET',
      ClientRequestURI: '/v1/a?api_key=key-0000-example',
      EdgeResponseStatus: 401,
      EdgeStartTimestamp: 1506702504433000200,
    },
    event: { operation: 'GET /v1/a', status: 401, source_ip: '198.51.100.7', latency_ms: null },
  },
  'entra-signin': {
    record: {
      id: 's-1',
      createdDateTime: '2026-09-01T08:10:31Z',
      userId: 'u-1',
      userPrincipalName: 'ann@example.com',
      appId: 'a-1',
      ipAddress: '198.51.100.7',
      status: { errorCode: 50126 },
    },
    event: {
      time: '2026-09-01T08:10:31.000Z',
      token_id: 'u-1',
      operation: 'sign-in a-1',
      status: 401,
      source_ip: '198.51.100.7',
      latency_ms: null,
    },
  },
  office365: {
    record: {
      Id: 'o-1',
      CreationTime: '2026-09-01T08:10:31',
      Operation: 'FileDownloaded',
      RecordType: 6,
      UserId: 'ann@example.com',
      Workload: 'SharePoint',
      ResultStatus: 'Succeeded',
      ClientIP: '198.51.100.7',
    },
    event: {
      time: '2026-09-01T08:10:31.000Z',
      token_id: 'ann@example.com',
      operation: 'SharePoint:FileDownloaded',
      status: 200,
      source_ip: '198.51.100.7',
      latency_ms: null,
    },
  },
}

describe.each(Object.entries(RECORDS))('%s', (name, { record, event }) => {
  test('is recognised, and its record is the event', async () => {
    const summary = await bench.ingest(bench.write('log.jsonl', `${JSON.stringify(record)}\n`))
    expect(summary).toMatchObject({ added: 1, rejected: 0, files: [{ source: name }] })
    const [row] = await bench.events('time, token_id, operation, status, source_ip, latency_ms')
    expect({ ...row, time: (row!.time as Date).toISOString() }).toMatchObject(event)
  })

  test('is not taken for it without the members that tell it', async () => {
    // An own log that happens to share the values, under names of its own.
    const other = { time: '2026-09-01T08:10:31Z', api_key: 'key-0000-example', info: record }
    const summary = await bench.ingest(bench.write('own.jsonl', `${JSON.stringify(other)}\n`))
    expect(summary.files[0]!.source).toBe('generic')
  })
})

test('Vault and Kubernetes: of a pair one counts', async () => {
  const request = { ...RECORDS.vault!.record, type: 'request' }
  const lines = [request, RECORDS.vault!.record].map(record => JSON.stringify(record)).join('\n')
  const summary = await bench.ingest(bench.write('vault.jsonl', `${lines}\n`))
  expect(summary).toMatchObject({
    added: 1,
    rejectsByReason: { 'row: left out, as the source or the map says': 1 },
  })
})

test('a source file that is wrong names the key', () => {
  const path = bench.write(
    'own.json',
    JSON.stringify({ name: 'own', title: 't', cites: 'c', tokens: 'maybe', identity: 'i', fields: {} }),
  )
  expect(() => readSourceFile(path)).toThrow(/describes no source: tokens:/)
})

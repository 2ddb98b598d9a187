import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { formOfFormat } from '../../src/ingest/log-format.ts'
import { type Bench, createBench } from './ingest-fixture.ts'

let bench: Bench
beforeEach(async () => {
  bench = await createBench()
})
afterEach(() => bench.engine.close())

const COMBINED =
  '198.51.100.7 - ann [01/Sep/2026:08:10:31 +0000] "GET /v1/orders/7 HTTP/1.1" 200 512 "-" "curl/8.9.1"'

/** Lines as makers publish them (each source file cites where), the part that stands for the token here, and the event. */
const PUBLISHED: Record<string, { line: string; token: string; event: Record<string, unknown> }> = {
  alb: {
    line: 'http 2018-07-02T22:23:00.186641Z app/my-loadbalancer/50dc6c495c0c9188 192.168.131.39:2817 10.0.0.1:80 0.000 0.001 0.000 200 200 34 366 "GET http://www.example.com:80/ HTTP/1.1" "curl/7.46.0" - - arn:aws:elasticloadbalancing:us-east-2:123456789012:targetgroup/my-targets/73e2d6bc24d8a067 "Root=1-58337262-36d228ad5d99923122bbe354" "-" "-" 0 2018-07-02T22:22:48.364000Z "forward" "-" "-" "10.0.0.1:80" "200" "-" "-"',
    token: 'client',
    event: {
      time: '2018-07-02T22:23:00.186Z',
      operation: 'GET /',
      status: 200,
      source_ip: '192.168.131.39',
      client: 'curl',
      request_bytes: 34,
      response_bytes: 366,
      latency_ms: 1,
    },
  },
  envoy: {
    line: '[2016-04-15T20:17:00.310Z] "POST /api/v1/locations HTTP/2" 204 - 154 0 226 100 "10.0.35.28" "nsq2http" "cc21d9b0-cf5c-432b-8c7e-98aeb7988cd2" "locations" "tcp://10.0.2.1:80"',
    token: 'upstream',
    event: {
      time: '2016-04-15T20:17:00.310Z',
      operation: 'POST /api/v1/locations',
      status: 204,
      source_ip: '10.0.35.28',
      client: 'nsq2http',
      request_bytes: 154,
      response_bytes: 0,
      latency_ms: 226,
    },
  },
  'envoy ': {
    line: '[2020-11-25T21:26:18.409Z] "GET /status/418 HTTP/1.1" 418 - via_upstream - "-" 0 135 3 1 "-" "curl/7.73.0-DEV" "84961386-6d84-929d-98bd-c5aee93b5c88" "httpbin:8000" "127.0.0.1:80" inbound|8000|| 127.0.0.1:41854 10.44.1.27:80 10.44.1.23:37652 outbound_.8000_._.httpbin.foo.svc.cluster.local default',
    token: 'authority',
    event: {
      time: '2020-11-25T21:26:18.409Z',
      operation: 'GET /status/{id}',
      status: 418,
      source_ip: '10.44.1.23',
      client: 'curl',
      request_bytes: 0,
      response_bytes: 135,
      latency_ms: 3,
    },
  },
  haproxy: {
    line: 'Feb  6 12:14:14 localhost  haproxy[14389]: 10.0.1.2:33317 [06/Feb/2009:12:14:14.655] http-in  static/srv1 10/0/30/69/109 200 2750 - - ---- 1/1/1/1/0 0/0 {1wt.eu} {} "GET /index.html HTTP/1.1"'
      .replaceAll('  haproxy', ' haproxy')
      .replace('http-in  static', 'http-in static'),
    token: 'client',
    event: {
      time: '2009-02-06T12:14:14.655Z',
      operation: 'GET /index.html',
      status: 200,
      source_ip: '10.0.1.2',
      client: null,
      request_bytes: null,
      response_bytes: 2750,
      latency_ms: 109,
    },
  },
  s3: {
    line: '79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be amzn-s3-demo-bucket1 [06/Feb/2019:00:00:38 +0000] 192.0.2.3 79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be 3E57427F3EXAMPLE REST.GET.VERSIONING - "GET /amzn-s3-demo-bucket1?versioning HTTP/1.1" 200 - 113 - 7 - "-" "S3Console/0.4" - s9lzHYrFp76ZVxRcpX9+5cjAnEH2ROuNkd2BHfIa6UkFVdtjf5mKR3/eTPFvsiP/XV/VLi31234= SigV4 ECDHE-RSA-AES128-GCM-SHA256 AuthHeader amzn-s3-demo-bucket1.s3.us-west-1.amazonaws.com TLSV1.2 - -',
    token: 'requester',
    event: {
      time: '2019-02-06T00:00:38.000Z',
      operation: 'REST.GET.VERSIONING',
      status: 200,
      source_ip: '192.0.2.3',
      client: 'S3Console',
      request_bytes: null,
      response_bytes: 113,
      latency_ms: 7,
    },
  },
}
const COLUMNS = 'time, operation, status, source_ip, client, request_bytes, response_bytes, latency_ms'

describe.each(Object.entries(PUBLISHED))('%s', (name, { line, token, event }) => {
  test('the line that its maker publishes', async () => {
    const map = bench.write('map.json', JSON.stringify({ token_id: token }))
    const summary = await bench.ingest(bench.write('published.log', `${line}\n`), { map })
    expect(summary).toMatchObject({ added: 1, rejected: 0, files: [{ source: name.trim() }] })
    const [row] = await bench.events(COLUMNS)
    expect({ ...row, time: (row!.time as Date).toISOString() }).toEqual(event)
  })
})

test('CloudFront: tabs, seconds, percent-encoded agents, its own request ids', async () => {
  const names =
    'date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status cs(Referer) cs(User-Agent) cs-uri-query cs(Cookie) x-edge-result-type x-edge-request-id x-host-header cs-protocol cs-bytes time-taken'
  const line =
    '2019-12-04\t21:02:31\tLAX1\t392\t192.0.2.100\tGET\td111111abcdef8.cloudfront.net\t/index.html\t200\t-\tMozilla/5.0%20(Windows%20NT%2010.0;%20Win64;%20x64)%20AppleWebKit/537.36%20(KHTML,%20like%20Gecko)%20Chrome/78.0.3904.108%20Safari/537.36\tapi_key=key-0000-example\t-\tHit\tSOX4xwn4XV6Q4rgb7XiVGOHms_BGlTAC4KyHmureZmBNrjGdRLiNIQ==\td111111abcdef8.cloudfront.net\thttps\t23\t0.001'
  const path = bench.write('E123.2019-12-04-21.abcd.log', `#Version: 1.0\n#Fields: ${names}\n${line}\n`)
  expect(await bench.ingest(path)).toMatchObject({ added: 1, files: [{ source: 'w3c' }] })
  expect(await bench.events(`event_id, ${COLUMNS}`)).toEqual([
    {
      event_id: 'SOX4xwn4XV6Q4rgb7XiVGOHms_BGlTAC4KyHmureZmBNrjGdRLiNIQ==',
      time: new Date('2019-12-04T21:02:31Z'),
      operation: 'GET /index.html',
      status: 200,
      source_ip: '192.0.2.100',
      client: 'Chrome',
      request_bytes: 23,
      response_bytes: 392,
      latency_ms: 1,
    },
  ])
})

test('W3C extended: a column whose name begins with no letter is left alone', async () => {
  const path = bench.write(
    'ex.log',
    '#Fields: date time 2nd-id % cs-username c-ip cs-method cs-uri-stem\n2019-12-04 21:02:31 x y bob 192.0.2.100 GET /a\n',
  )
  expect(await bench.ingest(path)).toMatchObject({ added: 1, files: [{ source: 'w3c' }] })
})

/** What stands before lines, each with what must come out. */
const HEADS: Record<string, string> = {
  none: '',
  'a system log': 'Sep  1 08:10:31 web1 nginx[812]: ',
  'a system log with its priority': '<190>Sep  1 08:10:31 web1 nginx: ',
  'a system log in ISO form': '2026-09-01T08:10:31.123+02:00 web1 nginx: ',
  'a container of Kubernetes': '2026-09-01T08:10:31.123456789Z stdout F ',
  'docker compose': 'web-1  | ',
  'docker logs -t': '2026-09-01T08:10:31.123456789Z ',
}
test.each(Object.entries(HEADS))('access lines behind: %s', async (_, head) => {
  const summary = await bench.ingest(bench.write('access.log', `${head}${COMBINED}\n`.repeat(3)))
  expect(summary).toMatchObject({ added: 3, files: [{ source: 'nginx' }] })
  expect(await bench.events('DISTINCT time, source_ip, path, status', '')).toEqual([
    { time: new Date('2026-09-01T08:10:31Z'), source_ip: '198.51.100.7', path: '/v1/orders/7', status: 200 },
  ])
})

test('JSON behind the head of a container', async () => {
  const record = {
    ts: '2026-09-01T08:10:31Z',
    api_key: 'key-0000-example',
    path: '/v1/a',
    client_ip: '198.51.100.7',
  }
  const path = bench.write('pod.log', `2026-09-01T08:10:31.1Z stdout F ${JSON.stringify(record)}\n`.repeat(2))
  expect(await bench.ingest(path)).toMatchObject({ added: 2, tokens: 1 })
})

describe('--format', () => {
  test('nginx: the names of variables are recognised as those of columns', async () => {
    const format =
      '$remote_addr [$time_iso8601] "$request" $status $body_bytes_sent $request_time "$http_user_agent" "$http_authorization"'
    const line =
      '198.51.100.7 [2026-09-01T08:10:31+02:00] "GET /v1/orders/7?x=1 HTTP/1.1" 404 17 0.250 "curl/8 (a \\"b\\")" "Bearer key-0000-example"'
    await bench.ingest(bench.write('own.log', `${line}\n`), { format })
    expect(await bench.events(COLUMNS)).toEqual([
      {
        time: new Date('2026-09-01T06:10:31Z'),
        operation: 'GET /v1/orders/{id}',
        status: 404,
        source_ip: '198.51.100.7',
        client: 'curl',
        request_bytes: null,
        response_bytes: 17,
        latency_ms: 250,
      },
    ])
  })

  test('Apache: directives, headers, and microseconds', async () => {
    const format = '%h %l %u %t "%r" %>s %O "%{User-Agent}i" "%{X-Api-Key}i" %D'
    const line =
      '198.51.100.7 - - [01/Sep/2026:08:10:31 +0000] "POST /v1/orders HTTP/1.1" 201 300 "okhttp/4" "key-0001-example" 12500'
    await bench
      .ingest(bench.write('own.log', `${line}\nanything else\n`.repeat(1)), { format })
      .catch(() => 0)
    expect(await bench.events('operation, status, latency_ms, response_bytes')).toEqual([
      { operation: 'POST /v1/orders', status: 201, latency_ms: 12.5, response_bytes: 300 },
    ])
    expect(await bench.rejects()).toMatchObject([{ row: 2, reason: 'row: not a line of the format given' }])
  })

  test('without variables it is refused', () => {
    expect(() => formOfFormat('combined')).toThrow(/neither variables of nginx/)
  })
})

test('a text log of an unknown form is called that, with what to do', async () => {
  const path = bench.write('app.log', '2026-09-01 08:10:31 INFO server started on port 8080\n'.repeat(3))
  const { message } = await bench.failure(path)
  expect(message).toMatch(/text log of a form we do not know \(known: .*w3c, alb.*haproxy.*--format/)
})

import { anyRecord, type Fields, firstOf, orNull, type Source } from '../source.ts'

/** Access logs of Amazon API Gateway (REST and HTTP APIs) in JSON, with the names of AWS's own example formats. */
export const awsApiGateway: Source = {
  name: 'aws-api-gateway',
  tokens: 'identifier',
  recognise: log =>
    anyRecord(
      log,
      record =>
        ('requestTime' in record || 'requestTimeEpoch' in record) &&
        ('resourcePath' in record || 'routeKey' in record),
    )
      ? 'records have requestTime and resourcePath or routeKey'
      : null,
  fields(log) {
    const v = (name: string) => log.value(name)
    const keyId = firstOf(v('apiKeyId'), v('identity.apiKeyId'), v('api_key_id'))
    const principal = firstOf(
      v('principalId'),
      v('authorizer.principalId'),
      v('authorizerPrincipalId'),
      v('authorizer.claims.sub'),
      v('caller'),
      v('user'),
      v('userArn'),
    )
    // The value of the key itself, where somebody logs it: a secret.
    const hasRawKey = log.columns.some(
      column => column.name === 'apiKey' || column.name === 'identity.apiKey',
    )
    const rawKey = hasRawKey ? [v('apiKey'), v('identity.apiKey')] : []
    const route = firstOf(v('routeKey'))
    const fields: Fields = {
      event_id: firstOf(v('requestId'), v('extendedRequestId')),
      time: firstOf(v('requestTimeEpoch'), v('requestTime')),
      tenant_id: firstOf(v('accountId'), v('apiId'), v('domainName')),
      principal_id: principal,
      token_id: firstOf(keyId, ...rawKey, principal),
      token_kind: `CASE WHEN ${firstOf(keyId, ...rawKey)} IS NOT NULL THEN 'api_key' END`,
      method: firstOf(v('httpMethod'), `regexp_extract(${route}, '^([A-Z]+) ', 1)`),
      path: firstOf(v('path'), v('rawPath')),
      operation: `coalesce(${route}, concat_ws(' ', ${orNull(v('httpMethod'))}, ${orNull(v('resourcePath'))}))`,
      status: v('status'),
      source_ip: firstOf(v('ip'), v('sourceIp'), v('identity.sourceIp')),
      user_agent: firstOf(v('userAgent'), v('identity.userAgent')),
      request_bytes: v('requestLength'),
      response_bytes: v('responseLength'),
      latency_ms: firstOf(v('responseLatency'), v('latency')),
    }
    return {
      fields,
      notes: ['token is apiKeyId, else the authorizer’s principal, the caller or the user'],
      ...(hasRawKey ? { tokens: 'secret' as const } : {}),
    }
  },
}

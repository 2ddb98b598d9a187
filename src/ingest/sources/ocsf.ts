import { anyRecord, type Fields, firstOf, orNull, type Source } from '../source.ts'
import { statusOfErrorSql } from '../status.ts'

/** OCSF (Open Cybersecurity Schema Framework) 1.x events, class 6003 "API Activity", as JSON. */
export const ocsf: Source = {
  name: 'ocsf',
  tokens: 'identifier',
  recognise: log =>
    anyRecord(log, record => 'class_uid' in record && 'metadata' in record)
      ? 'records have class_uid and metadata'
      : null,
  fields(log) {
    const v = (name: string) => log.value(name)
    const error = firstOf(v('api.response.error'), v('status_code'))
    // Without any code there is OCSF's own outcome: status_id 2 is failure.
    const derived = `CASE WHEN ${error} IS NULL AND ${v('status_id')} = '2' THEN '400' ELSE ${statusOfErrorSql(error)} END`
    const code = firstOf(v('http_response.code'), v('api.response.code'))
    const fields: Fields = {
      event_id: firstOf(v('metadata.uid'), v('metadata.original_event_uid')),
      time: firstOf(v('time'), v('time_dt')),
      tenant_id: firstOf(
        v('metadata.tenant_uid'),
        v('cloud.account.uid'),
        v('actor.user.account.uid'),
        v('cloud.org.uid'),
      ),
      principal_id: firstOf(
        v('actor.user.uid'),
        v('actor.user.name'),
        v('actor.user.email_addr'),
        v('actor.app_uid'),
        v('actor.invoked_by'),
      ),
      token_id: firstOf(
        v('actor.session.credential_uid'),
        v('actor.user.credential_uid'),
        v('actor.session.uid'),
        v('actor.user.uid'),
        v('actor.user.name'),
        v('actor.app_uid'),
        v('actor.invoked_by'),
      ),
      session_id: v('actor.session.uid'),
      token_kind: firstOf(v('actor.user.type'), v('auth_protocol')),
      token_created_at: firstOf(v('actor.session.created_time'), v('actor.session.created_time_dt')),
      role: v('actor.session.issuer'),
      method: v('http_request.http_method'),
      path: firstOf(v('http_request.url.path'), v('http_request.url.url_string')),
      operation: `CASE WHEN ${orNull(v('api.service.name'))} IS NULL THEN ${v('api.operation')} ELSE ${v('api.service.name')} || ':' || ${v('api.operation')} END`,
      resource_type: v('$."resources"[0]."type"'),
      resource_id: firstOf(v('$."resources"[0]."uid"'), v('$."resources"[0]."name"')),
      status: `CASE WHEN kh_number(${code}) IS NOT NULL THEN ${code} ELSE ${derived} END`,
      source_ip: v('src_endpoint.ip'),
      asn: v('src_endpoint.autonomous_system.number'),
      as_org: firstOf(v('src_endpoint.autonomous_system.name'), v('src_endpoint.location.isp')),
      country: v('src_endpoint.location.country'),
      city: v('src_endpoint.location.city'),
      latitude: firstOf(v('src_endpoint.location.lat'), v('$."src_endpoint"."location"."coordinates"[1]')),
      longitude: firstOf(v('src_endpoint.location.long'), v('$."src_endpoint"."location"."coordinates"[0]')),
      user_agent: v('http_request.user_agent'),
      request_bytes: firstOf(v('http_request.body_length'), v('traffic.bytes_in')),
      response_bytes: firstOf(v('http_response.body_length'), v('traffic.bytes_out')),
      latency_ms: firstOf(v('http_response.latency'), v('duration')),
    }
    return { fields, notes: ['token is the credential_uid of session or user, else the session or user'] }
  },
}

import { anyRecord, type Fields, firstOf, orNull, type Source } from '../source.ts'

/** GitHub's enterprise or organisation audit log, streamed or exported as JSON. */
export const githubAudit: Source = {
  name: 'github-audit',
  // `hashed_token` is a SHA-256 made by GitHub.
  tokens: 'identifier',
  recognise: log =>
    anyRecord(
      log,
      record =>
        'action' in record &&
        'actor' in record &&
        ('_document_id' in record || 'hashed_token' in record || '@timestamp' in record),
    )
      ? 'records have action, actor and an audit id, hashed_token or @timestamp'
      : null,
  fields(log) {
    const v = (name: string) => log.value(name)
    const actor = orNull(v('actor'))
    const token = firstOf(v('hashed_token'), v('token_id'))
    const route = firstOf(v('route'), v('url_path'))
    const fields: Fields = {
      event_id: v('_document_id'),
      time: firstOf(v('@timestamp'), v('created_at')),
      tenant_id: firstOf(v('org'), v('business')),
      principal_id: firstOf(v('actor'), v('user'), v('external_identity_nameid')),
      // What people do in the browser carries no token; their web sessions together stand for one.
      token_id: `coalesce(${token}, 'web:' || ${actor})`,
      token_kind: `CASE WHEN ${token} IS NULL THEN 'web' ELSE lower(${orNull(v('programmatic_access_type'))}) END`,
      granted_scopes: v('token_scopes'),
      method: v('request_method'),
      path: v('url_path'),
      operation: `CASE WHEN ${v('action')} = 'api.request' AND ${route} IS NOT NULL THEN concat_ws(' ', ${orNull(v('request_method'))}, ${route}) ELSE ${v('action')} END`,
      resource_type: `CASE WHEN ${orNull(v('repo'))} IS NOT NULL THEN 'repository' WHEN ${orNull(v('team'))} IS NOT NULL THEN 'team' END`,
      resource_id: firstOf(v('repo'), v('team')),
      status: v('status_code'),
      source_ip: v('actor_ip'),
      country: firstOf(v('actor_location.country_code'), v('country')),
      user_agent: v('user_agent'),
    }
    return {
      fields,
      notes: ['token is hashed_token, else the actor ("web:..."): sessions in the browser carry none'],
    }
  },
}

import { anyRecord, type Fields, firstOf, orNull, type Source } from '../source.ts'
import { statusOfErrorSql } from '../status.ts'

/**
 * Members of `requestParameters` that name the object of a call, the more particular first, with the kind of object;
 * after the request syntax of the services that attackers of AWS keys use most (S3, IAM, EC2, Lambda, KMS, Secrets Manager...).
 */
const OBJECTS: readonly (readonly [string, string])[] = [
  ['bucketName', 'bucket'],
  ['secretId', 'secret'],
  ['keyId', 'key'],
  ['functionName', 'function'],
  ['tableName', 'table'],
  ['instanceId', 'instance'],
  ['roleArn', 'role'],
  ['roleName', 'role'],
  ['userName', 'user'],
  ['groupName', 'group'],
  ['policyArn', 'policy'],
  ['dBInstanceIdentifier', 'database'],
  ['snapshotId', 'snapshot'],
  ['name', 'name'],
]

/** AWS CloudTrail as delivered to S3, `{"Records": [...]}`, or one record a line. */
export const cloudtrail: Source = {
  name: 'cloudtrail',
  // Key ids (AKIA..., ASIA...), ARNs and service names open nothing.
  tokens: 'identifier',
  recognise: log =>
    anyRecord(log, record => 'eventSource' in record && 'eventName' in record && 'userIdentity' in record)
      ? 'records have eventSource, eventName and userIdentity'
      : null,
  fields(log) {
    const v = (name: string) => log.value(name)
    const parameter = (name: string) => orNull(v(`requestParameters.${name}`))
    const key = orNull(v('userIdentity.accessKeyId'))
    const error = orNull(v('errorCode'))
    const object = OBJECTS.map(([name]) => parameter(name))
    const kind = OBJECTS.map(([name, type]) => `WHEN ${parameter(name)} IS NOT NULL THEN '${type}'`)
    const fields: Fields = {
      event_id: v('eventID'),
      time: v('eventTime'),
      tenant_id: firstOf(v('recipientAccountId'), v('userIdentity.accountId')),
      principal_id: firstOf(
        v('userIdentity.arn'),
        v('userIdentity.principalId'),
        v('userIdentity.invokedBy'),
      ),
      token_id: firstOf(
        key,
        v('userIdentity.arn'),
        v('userIdentity.principalId'),
        v('userIdentity.invokedBy'),
        v('userIdentity.userName'),
        v('userIdentity.accountId'),
        v('eventSource'),
      ),
      token_kind: `CASE WHEN starts_with(${key}, 'AKIA') THEN 'access_key' WHEN starts_with(${key}, 'ASIA') THEN 'session' ELSE lower(${orNull(v('userIdentity.type'))}) END`,
      token_created_at: v('userIdentity.sessionContext.attributes.creationDate'),
      role: v('userIdentity.sessionContext.sessionIssuer.userName'),
      operation: `${v('eventSource')} || ':' || ${v('eventName')}`,
      resource_id: firstOf(v('$."resources"[0]."ARN"'), ...object),
      resource_type: `CASE WHEN ${orNull(v('$."resources"[0]."ARN"'))} IS NOT NULL THEN ${v('$."resources"[0]."type"')} ${kind.join(' ')} END`,
      status: `CASE WHEN ${v('responseElements.ConsoleLogin')} = 'Failure' THEN '401' ELSE ${statusOfErrorSql(error)} END`,
      source_ip: v('sourceIPAddress'),
      user_agent: v('userAgent'),
      request_bytes: v('additionalEventData.bytesTransferredIn'),
      response_bytes: v('additionalEventData.bytesTransferredOut'),
    }
    return {
      fields,
      notes: ['token is the access key id, else the ARN or service; status derived from errorCode'],
    }
  },
}

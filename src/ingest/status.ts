/** HTTP status that an error code of an AWS-like service stands for (their logs carry none); text-valued SQL. */
export function statusOfErrorSql(error: string): string {
  const forms: [string, string][] = [
    ['(?i)access.?denied|unauthori[sz]ed|forbidden|auth.?failure|not.?authori[sz]ed', '403'],
    ['(?i)invalidclienttoken|expiredtoken|unrecognizedclient|signaturedoesnotmatch|unauthenticated', '401'],
    ['(?i)not.?found|no.?such|does.?not.?exist', '404'],
    ['(?i)throttl|limit.?exceeded|too.?many|slow.?down', '429'],
    ['(?i)internal|unavailable|service.?exception', '500'],
  ]
  const cases = forms.map(([form, status]) => `WHEN regexp_matches(${error}, '${form}') THEN '${status}'`)
  return `CASE WHEN ${error} IS NULL THEN '200' ${cases.join(' ')} ELSE '400' END`
}

/** A column of the filter's table that tells in which circumstances an alert arose. */
export interface ContextFeature {
  readonly name: string
  /** Meaning, with the unit. NaN always means unknown, never zero. */
  readonly doc: string
}

/**
 * The context that the false-positive filter sees beside the detectors' scores. The pipeline fills these columns, for training
 * and for scoring alike; the filter itself matches columns by name and does without those it is not given.
 */
export const FILTER_CONTEXT = [
  {
    name: 'tenant_shift',
    doc: "share of the tenant's active tokens that show the same kind of change in the same window, 0-1: outage, release, office move",
  },
  {
    name: 'network_kind_hosting',
    doc: '1 when the new or main address belongs to a hosting network, else 0',
  },
  { name: 'network_kind_vpn', doc: '1 when it belongs to a VPN provider, else 0' },
  { name: 'network_kind_tor', doc: '1 when it is a Tor exit, else 0' },
  { name: 'network_kind_mobile', doc: '1 when it belongs to a mobile carrier, else 0' },
  { name: 'device_server', doc: '1 when the client is a server, script or SDK, else 0' },
  { name: 'device_browser', doc: '1 when the client is a browser on a desktop, else 0' },
  { name: 'device_mobile', doc: '1 when the client is a phone or tablet, else 0' },
  { name: 'role_service', doc: '1 when the token belongs to a service account, else 0' },
  { name: 'role_admin', doc: '1 when its role administers, else 0' },
  { name: 'sensitivity', doc: 'share of the requests that go to sensitive operations, 0-1' },
  { name: 'maturity', doc: 'how much history stands behind the baselines, 0-1' },
  { name: 'token_age_days', doc: 'days since the token was created or first seen' },
  { name: 'peer_adoption', doc: 'share of the peers that did the same new thing within the last week, 0-1' },
  { name: 'alerts_last_7d', doc: 'alerts of the same token within the last 7 days' },
  {
    name: 'past_false_positive',
    doc: 'false_positive verdicts on alerts with the same tenant and top reason code before this one, decayed with age',
  },
  { name: 'past_true_positive', doc: 'true_positive verdicts, counted and decayed alike' },
  { name: 'past_benign_trigger', doc: 'benign_trigger verdicts, counted and decayed alike' },
  {
    name: 'alike_benign',
    doc: 'false_positive and benign_trigger verdicts on the same token for the same top reason code or a same named value, decayed',
  },
  { name: 'alike_misuse', doc: 'true_positive verdicts on the same, decayed' },
  { name: 'token_benign', doc: 'benign verdicts on the same token for whatever reason, decayed' },
  { name: 'token_misuse', doc: 'true_positive verdicts on the same token, decayed' },
  {
    name: 'value_benign',
    doc: 'benign verdicts on other tokens of the tenant whose reasons name a same value (network, client, operation), decayed',
  },
  { name: 'value_misuse', doc: 'true_positive verdicts on the same, decayed' },
  {
    name: 'title_benign',
    doc: 'benign verdicts on alerts of the tenant with the same two chief detectors, that is the same title, decayed',
  },
  { name: 'title_misuse', doc: 'true_positive verdicts on the same, decayed' },
] as const satisfies readonly ContextFeature[]

export type ContextName = (typeof FILTER_CONTEXT)[number]['name']

/** Options of `keyhound watch`, parsed. */
export interface Options {
  from: 'file' | 'http' | 'nats' | 'kafka'
  path?: string[]
  start: 'begin' | 'end'
  listen: string
  url?: string
  stream?: string
  durable: string
  subject?: string
  brokers?: string[]
  topics?: string[]
  group: string
  ssl?: boolean
  sasl?: 'plain' | 'scram-sha-256' | 'scram-sha-512'
  every: number
  mostEvents?: number
  spoolMb: number
  untilIdle?: number
  format:
    | 'auto'
    | 'generic'
    | 'cloudtrail'
    | 'nginx'
    | 'combined'
    | 'aws-api-gateway'
    | 'github-audit'
    | 'ocsf'
  tokens?: 'secret' | 'identifier'
  map?: string
  mmdb?: string[]
  networkTypes?: string
  deliver?: boolean
  model?: string
}

import { KeyhoundError } from '../../../lib/errors.ts'
import type { Workspace } from '../../../sql/workspace.ts'
import type { OpenSource } from '../../../streams/source.ts'
import type { Shell } from '../../shell.ts'
import type { Options } from './options.ts'

/** Roles that may bring events, as at the API. */
const MAY_BRING: readonly string[] = ['scorer', 'admin']

export async function openHttp({ listen }: Options, shell: Shell, workspace: Workspace): Promise<OpenSource> {
  const parts = /^(?:\[([0-9a-f:.]+)\]|([^:]+)):(\d{1,5})$/i.exec(listen)
  const port = Number(parts?.[3])
  if (parts === null || port > 65_535)
    throw new KeyhoundError('usage', `--listen ${listen}: write host:port, like 127.0.0.1:8787`)
  const { listenHttp } = await import('../../../streams/http.ts')
  const { verifyApiKey } = await import('../../../state/api-keys.ts')
  const { withState } = await import('../../../state/state.ts')
  return listenHttp({
    host: (parts[1] ?? parts[2])!,
    port,
    listening: url => shell.note(`listening: ${url}`),
    async mayBring(key) {
      if (key === null) return false
      const known = await withState(workspace, state => verifyApiKey(state, key, shell.effects.now()))
      // A key of one tenant may not speak for others; the API's own route checks each event for that.
      return known !== null && known.tenantId === null && MAY_BRING.includes(known.role)
    },
  })
}

export async function openNats(
  { url, stream, durable, subject }: Options,
  shell: Shell,
): Promise<OpenSource> {
  if (url === undefined || stream === undefined)
    throw new KeyhoundError('usage', '--from nats needs --url and --stream')
  const { pullNats } = await import('../../../streams/nats.ts')
  const {
    KEYHOUND_NATS_TOKEN: token,
    KEYHOUND_NATS_USER: user,
    KEYHOUND_NATS_PASSWORD: password,
  } = shell.effects.env
  return pullNats({
    url,
    stream,
    durable,
    ...(subject && { subject }),
    ...(token && { token }),
    ...(user && { user }),
    ...(password && { password }),
  })
}

export async function openKafka(options: Options, shell: Shell): Promise<OpenSource> {
  const { brokers, topics, group, ssl, sasl } = options
  if (brokers === undefined || topics === undefined)
    throw new KeyhoundError('usage', '--from kafka needs --brokers and --topics')
  const { KEYHOUND_KAFKA_USER: username, KEYHOUND_KAFKA_PASSWORD: password } = shell.effects.env
  if (sasl !== undefined && (!username || !password))
    throw new KeyhoundError('usage', '--sasl needs KEYHOUND_KAFKA_USER and KEYHOUND_KAFKA_PASSWORD')
  const { consumeKafka } = await import('../../../streams/kafka.ts')
  return consumeKafka({
    brokers,
    topics,
    group,
    ...(ssl && { ssl }),
    ...(sasl && { sasl: { mechanism: sasl, username: username!, password: password! } }),
  })
}

import type { SinkConfig } from '../schema/sinks.ts'
import type { Outside } from './outside.ts'
import type { Sink } from './sink.ts'
import { openEmailSink } from './sinks/email.ts'
import { openFileSink } from './sinks/file.ts'
import { openOcsfSink } from './sinks/ocsf.ts'
import { openSlackSink } from './sinks/slack.ts'
import { openSyslogSink } from './sinks/syslog.ts'
import { openWebhookSink } from './sinks/webhook.ts'

/** Opens a sink of any kind; nothing is sent. Throws `usage` when a secret is missing or the way there is not safe. */
export function openSink(config: SinkConfig, outside: Outside): Sink {
  switch (config.kind) {
    case 'webhook':
      return openWebhookSink(config, outside)
    case 'slack':
      return openSlackSink(config, outside)
    case 'email':
      return openEmailSink(config, outside)
    case 'syslog':
      return openSyslogSink(config, outside)
    case 'ocsf':
      return openOcsfSink(config, outside)
    case 'file':
      return openFileSink(config, outside)
  }
}

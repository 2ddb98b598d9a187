import type { AdapterOf } from '../../schema/playbooks.ts'
import { type Adapter, refused } from '../adapter.ts'
import { openMail } from '../mail.ts'
import { cut, type Outside } from '../outside.ts'
import { toHtml } from '../sinks/email.ts'
import { renderTemplate, templateValues } from '../template.ts'

const DEFAULT_INSTRUCTIONS = `Your API token {{token}} was used in a way that does not look like you:

{{reasons}}

Seen {{firstSeen}} to {{lastSeen}}. If that was you, tell whoever runs your API's security; nothing else is to do.

If it was not, or if you are not sure, replace the token:
 1. create a new token with the same rights, or fewer;
 2. put it where the old one was, and see that it works;
 3. revoke the old token;
 4. find out where it leaked: repositories, logs, build settings, chat, laptops;
 5. answer this mail, so that what was done with it can be looked into.

Alert {{alertId}}
`

/** Tells the owner of a token what was seen and how to rotate it. */
export function openEmailAdapter(config: AdapterOf<'email'>, outside: Outside): Adapter {
  const sendMail = openMail(config, outside, `adapter "${config.name}"`)
  return {
    async execute({ id, alert, action }) {
      const values = templateValues(alert, action)
      const to = renderTemplate(config.to, values)
      const problem = problemOf(to, config.domains)
      if (problem !== null) return refused(problem)
      const subject = cut(`Please check your API token ${values.token}`, 200)
      const text = renderTemplate(config.instructions ?? DEFAULT_INSTRUCTIONS, values)
      const mail = { to: [to], subject, text, html: toHtml(subject, text), thread: alert.alertId }
      const outcome = await sendMail(id, mail)
      return outcome.ok ? { ok: true, detail: { to } } : outcome
    },
  }
}

/** One plain address of a domain that is allowed: a principal comes from a log and may be anything. */
function problemOf(to: string, domains: readonly string[]): string | null {
  const address = /^[A-Za-z0-9._%+-]{1,64}@([A-Za-z0-9.-]+)$/.exec(to)
  if (address === null) return 'the owner has no mail address that "to" could make of its name'
  const domain = address[1]!.toLowerCase()
  return domains.some(one => one.toLowerCase() === domain) ? null : `mail to ${domain} is not in "domains"`
}

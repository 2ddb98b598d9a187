import { SIGNALS } from '../detectors/signals/catalogue.ts'
import { KeyhoundError } from '../lib/errors.ts'
import { OTHER_CAUSES } from '../risk/causes.ts'
import type { Playbook } from '../schema/playbooks.ts'

/** Codes that the strongest reason of an alert may have. */
export const CAUSES: readonly string[] = [
  ...SIGNALS.map(signal => signal.name),
  ...Object.keys(OTHER_CAUSES),
].sort()

/** Throws `usage` for a cause that no alert can have: such a playbook would wait for ever without a word. */
export function checkCauses(playbooks: readonly Playbook[]): void {
  const problems = playbooks.flatMap(({ name, match }) =>
    (match.causes ?? [])
      .filter(cause => !CAUSES.includes(cause))
      .map(cause => `playbook "${name}" waits for "${cause}"`),
  )
  if (problems.length === 0) return
  throw new KeyhoundError(
    'usage',
    `${problems.join('; ')}, which no alert is called. There are: ${CAUSES.join(', ')}`,
  )
}

// A process of its own for state.test.ts: writes `count` verdicts and counts as many hits, beside its twin.

import { type StatePlace, withState } from '../../src/state/state.ts'
import { countHit } from '../../src/state/suppressions.ts'
import { recordVerdict } from '../../src/state/verdicts.ts'

const [place, who, count] = process.argv.slice(2) as [string, string, string]
await withState(JSON.parse(place) as StatePlace, async state => {
  for (let i = 0; i < Number(count); i++) {
    await recordVerdict(state, {
      alertId: `${who}-${i}`,
      verdict: 'false_positive',
      note: null,
      who,
      at: new Date(i),
      tenantId: 'acme',
      tokenId: 'token',
      reasonCode: 'new_network',
    })
    await countHit(state, 1, new Date(i))
  }
})

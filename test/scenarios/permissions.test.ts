import { playScenarios, TODAY } from './stage.ts'

const everyDay = [...Array(TODAY).keys()]

/** Operations and an administrator's functions that nobody uses. */
const unheard = (i: number) => ({
  operation: `GET /reports/${i % 12}`,
  resource_type: 'report',
  resource_id: null,
})
const adminCall = (i: number) => ({ method: 'POST', operation: `POST /admin/users/${i % 5}`, status: 403 })

playScenarios('what it may and usually does', [
  {
    misuse: 'use outside the grant',
    benign: 'a new scope that everyone was granted',
    signal: 'scope_violation',
    within: 2,
    attack: ({ add }) => add(0, TODAY, 11, 6, () => ({ required_scope: 'admin' })),
    twin({ add, everyone }) {
      const released = { required_scope: 'reports', granted_scopes: 'read reports write' }
      for (const token of everyone) add(token, TODAY, token === 0 ? 11 : 9, 6, () => released)
    },
  },
  {
    misuse: 'probing of privileged functions',
    benign: 'a misconfigured integration that retries every day',
    signal: 'privilege_probing',
    attack: ({ add }) => add(0, TODAY, 11, 15, adminCall),
    twin({ add }) {
      for (const day of [...everyDay, TODAY]) add(0, day, 11, 15, () => adminCall(1))
    },
  },
  {
    misuse: 'operations the token does not use',
    benign: 'a release that everyone tries',
    signal: 'new_operations',
    // Five steady tokens have no unlike days: any day of news is the most unusual there was.
    feature: 'operation_surplus',
    attack: ({ add }) => add(0, TODAY, 11, 12, unheard),
    twin({ add, everyone }) {
      for (const token of everyone) add(token, TODAY, token === 0 ? 11 : 9, 12, unheard)
    },
  },
  {
    misuse: 'known operations in another order',
    benign: 'a client version that turns the order for everyone',
    signal: 'sequence',
    within: 2,
    feature: 'bigram_surplus',
    attack: ({ add }) => add(0, TODAY, 11, 12, backwards),
    twin({ add, everyone }) {
      for (const token of everyone) add(token, TODAY, token === 0 ? 11 : 9, 12, backwards)
    },
  },
])

/** Change, look, list: the usual three from the last to the first. */
function backwards(i: number) {
  return { operation: ['POST /tasks/{id}', 'GET /tasks/{id}', 'GET /tasks'][i % 3]! }
}

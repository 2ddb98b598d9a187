import { type ByIntensity, TODAY } from './cast.ts'
import type { Scenario } from './scenario.ts'

const everyDay = [...Array(TODAY).keys()]
const everyThirdDay = [2, 5, 8, 11, 14]

const outsideGrant: ByIntensity = { loud: 15, plain: 6, faint: 1 }
const probes: ByIntensity = { loud: 30, plain: 12, faint: 2 }
const reports: ByIntensity = { loud: 12, plain: 5, faint: 1 }
const deploys: ByIntensity = { loud: 6, plain: 3, faint: 1 }
const turned: ByIntensity = { loud: 24, plain: 12, faint: 3 }

/** Operations and an administrator's functions that nobody uses. */
const unheard = (i: number) => ({
  operation: `GET /reports/${i % 12}`,
  resource_type: 'report',
  resource_id: null,
})
const adminCall = (i: number) => ({ method: 'POST', operation: `POST /admin/users/${i % 5}`, status: 403 })

/** What the service, token 4, does every day. */
const deploy = (i: number) => ({
  method: 'POST',
  operation: `POST /deploys/${i}`,
  resource_type: 'deploy',
  resource_id: null,
})

export const PERMISSIONS: readonly Scenario[] = [
  {
    misuse: 'use outside the grant',
    benign: 'a new scope that everyone was granted',
    detector: 'scope_violation',
    attack: ({ add }, intensity) =>
      add(0, TODAY, 11, outsideGrant[intensity], () => ({ required_scope: 'admin' })),
    twin({ add, everyone }) {
      const released = { required_scope: 'reports', granted_scopes: 'read reports write' }
      for (const token of everyone) add(token, TODAY, token === 0 ? 11 : 9, 6, () => released)
    },
  },
  {
    misuse: 'probing of privileged functions',
    benign: 'a misconfigured integration that retries every day',
    detector: 'privilege_probing',
    attack: ({ add }, intensity) => add(0, TODAY, 11, probes[intensity], adminCall),
    twin({ add }) {
      for (const day of [...everyDay, TODAY]) add(0, day, 11, 15, () => adminCall(1))
    },
  },
  {
    misuse: 'operations the token does not use',
    benign: 'a release of as many that everyone tries',
    detector: 'new_operations',
    attack: ({ add }, intensity) => add(0, TODAY, 11, reports[intensity], unheard),
    twin({ add, everyone }) {
      for (const token of everyone) add(token, TODAY, token === 0 ? 11 : 9, reports.plain, unheard)
    },
  },
  {
    misuse: 'work of another role',
    benign: 'an analyst whose work includes it, every third day',
    detector: 'permission_clusters',
    named: ['permission_violation', 'new_operations'],
    attack({ add }, intensity) {
      for (const day of everyDay) add(4, day, 9, 6, deploy)
      add(0, TODAY, 11, deploys[intensity], deploy)
    },
    twin({ add }) {
      for (const day of everyDay) add(4, day, 9, 6, deploy)
      for (const day of [...everyThirdDay, TODAY]) add(0, day, 11, 6, deploy)
    },
  },
  {
    misuse: 'known operations in another order',
    benign: 'a client version that turns the order for everyone',
    detector: 'sequence',
    within: 2,
    attack: ({ add }, intensity) => add(0, TODAY, 11, turned[intensity], backwards),
    twin({ add, everyone }) {
      for (const token of everyone) add(token, TODAY, token === 0 ? 11 : 9, 12, backwards)
    },
  },
]

/** Change, look, list: the usual three from the last to the first. */
function backwards(i: number) {
  return { operation: ['POST /tasks/{id}', 'GET /tasks/{id}', 'GET /tasks'][i % 3]! }
}

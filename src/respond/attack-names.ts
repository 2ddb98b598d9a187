/** Names of the MITRE ATT&CK (Enterprise) techniques that signals are tagged with, by id; a sub-technique's is its own. */
const NAMES: Readonly<Record<string, string>> = {
  T1029: 'Scheduled Transfer',
  T1078: 'Valid Accounts',
  'T1078.004': 'Cloud Accounts',
  T1090: 'Proxy',
  'T1090.003': 'Multi-hop Proxy',
  T1110: 'Brute Force',
  'T1110.004': 'Credential Stuffing',
  T1485: 'Data Destruction',
  T1528: 'Steal Application Access Token',
  T1530: 'Data from Cloud Storage',
  T1550: 'Use Alternate Authentication Material',
  'T1550.001': 'Application Access Token',
  T1567: 'Exfiltration Over Web Service',
}

export function isAttackTechnique(id: string): boolean {
  return /^T\d{4}(\.\d{3})?$/.test(id)
}

/** An id with its name, where it is known. */
export function namedTechnique(uid: string): { uid: string; name?: string } {
  const name = NAMES[uid]
  return name === undefined ? { uid } : { uid, name }
}

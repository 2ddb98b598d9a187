/** Every row of the table of misuse that the product detects, and the detectors of it by name. */
export const MISUSE_TABLE: Readonly<Record<string, readonly string[]>> = {
  'rate spike or abuse': ['rate'],
  'off-hours use': ['off_hours'],
  'new network or place': ['new_place'],
  'impossible travel, two places at once': ['two_places'],
  'new client': ['new_client'],
  'scope violation, permission violation': ['scope_violation', 'new_operations', 'permission_clusters'],
  'privilege probing, function-level (BFLA)': ['privilege_probing'],
  'object enumeration (BOLA)': ['object_enumeration'],
  exfiltration: ['exfiltration'],
  'destructive burst': ['destructive_burst'],
  'dormant revival': ['dormant_revival'],
  'token stuffing, botnet replay': ['shared_address', 'many_networks'],
  'low and slow over days, weeks': ['slow_drift'],
  'sequence change': ['sequence'],
}

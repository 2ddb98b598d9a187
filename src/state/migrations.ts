/**
 * The state database, step by step: entry i brings `PRAGMA user_version` from i to i + 1. Entries are never edited once
 * released, only appended. Times are milliseconds since 1970, UTC.
 */
export const MIGRATIONS: readonly (readonly string[])[] = [
  [
    // Every judgement is kept; the newest of an alert counts. Tenant, token and strongest reason are copied from the
    // alert, so that alike alerts can be looked up without reading Parquet.
    `CREATE TABLE verdicts (
       verdict_id INTEGER PRIMARY KEY AUTOINCREMENT,
       alert_id TEXT NOT NULL,
       verdict TEXT NOT NULL CHECK (verdict IN ('true_positive', 'false_positive', 'benign_trigger', 'duplicate')),
       note TEXT,
       who TEXT NOT NULL,
       at INTEGER NOT NULL,
       tenant_id TEXT,
       token_id TEXT,
       reason_code TEXT
     )`,
    'CREATE INDEX verdicts_by_alert ON verdicts (alert_id, verdict_id)',
    'CREATE INDEX verdicts_alike ON verdicts (tenant_id, token_id, reason_code)',
    // A scope column that is null matches anything; at least one is set.
    `CREATE TABLE suppressions (
       suppression_id INTEGER PRIMARY KEY AUTOINCREMENT,
       tenant_id TEXT,
       principal_id TEXT,
       token_id TEXT,
       operation TEXT,
       reason_code TEXT,
       because TEXT NOT NULL,
       owner TEXT NOT NULL,
       created_at INTEGER NOT NULL,
       expires_at INTEGER NOT NULL,
       hits INTEGER NOT NULL DEFAULT 0,
       last_hit_at INTEGER,
       CHECK (coalesce(tenant_id, principal_id, token_id, operation, reason_code) IS NOT NULL)
     )`,
    `CREATE TABLE checkpoints (
       key TEXT PRIMARY KEY,
       value TEXT NOT NULL,
       at INTEGER NOT NULL
     ) WITHOUT ROWID`,
  ],
  [
    // Where a judgement comes from, and more of the alert: which model raised it, when, why it was shown, and what it was about.
    `ALTER TABLE verdicts ADD COLUMN source TEXT NOT NULL DEFAULT 'analyst' CHECK (source IN ('analyst', 'simulated'))`,
    `ALTER TABLE verdicts ADD COLUMN shown TEXT NOT NULL DEFAULT 'queue' CHECK (shown IN ('queue', 'sampled', 'explored', 'suppressed'))`,
    'ALTER TABLE verdicts ADD COLUMN model TEXT',
    'ALTER TABLE verdicts ADD COLUMN seen_at INTEGER',
    'ALTER TABLE verdicts ADD COLUMN detectors TEXT',
    "ALTER TABLE verdicts ADD COLUMN reason_values TEXT NOT NULL DEFAULT '[]'",
  ],
  [
    // What people decided about one token following another; every decision is kept, the newest of a pair counts.
    `CREATE TABLE lineage_decisions (
       decision_id INTEGER PRIMARY KEY AUTOINCREMENT,
       tenant_id TEXT NOT NULL,
       token_id TEXT NOT NULL,
       predecessor_id TEXT NOT NULL,
       is_linked INTEGER NOT NULL CHECK (is_linked IN (0, 1)),
       since INTEGER NOT NULL,
       because TEXT NOT NULL,
       owner TEXT NOT NULL,
       at INTEGER NOT NULL
     )`,
  ],
]

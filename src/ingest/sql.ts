import { type Engine, quoteText } from '../sql/duckdb.ts'
import { NOBODY_WORDS } from './tokens.ts'

/** Moments before and after these are garbage, not history: no API log predates the Web, and clocks run wild. UTC. */
export const EARLIEST = '1990-01-01'
export const LATEST = '2100-01-01'

/**
 * Text forms of time beyond ISO 8601, as strptime knows them: access logs, RFC 1123 (HTTP dates), commas before the
 * fraction (Python's logging), the output of `date` and Go, RFC 2822 without weekday, nginx's error log, ISO 8601 basic, Kibana.
 * Day/month order is never guessed.
 */
const TIME_FORMS = [
  '%d/%b/%Y:%H:%M:%S %z',
  '%d/%b/%Y:%H:%M:%S',
  '%a, %d %b %Y %H:%M:%S GMT',
  '%a, %d %b %Y %H:%M:%S %z',
  '%Y-%m-%d %H:%M:%S,%g',
  '%Y-%m-%dT%H:%M:%S,%g',
  '%Y-%m-%d %H:%M:%S %z UTC',
  '%a %b %d %H:%M:%S %Y',
  '%d %b %Y %H:%M:%S %z',
  '%Y/%m/%d %H:%M:%S',
  '%d/%b/%Y:%H:%M:%S.%g',
  '%Y%m%dT%H%M%SZ',
  '%Y%m%dT%H%M%S%z',
  '%b %d, %Y @ %H:%M:%S.%g',
  '%b %d, %Y %I:%M:%S %p',
]

/**
 * The ways logs write nothing: they begin with nothing, "-", "(", or a character from "N" on, which spares numbers the search. A list,
 * since DuckDB turns a long IN into a join for every column; no "NA": Namibia.
 */
export const WAYS_OF_NOTHING: readonly string[] = [
  '',
  '-',
  '--',
  '(null)',
  '(none)',
  'null',
  'NULL',
  'None',
  'none',
  'nan',
  'NaN',
  'N/A',
  'n/a',
  '\\N',
  'nil',
  'undefined',
]
const NOTHING = `[${WAYS_OF_NOTHING.map(quoteText).join(', ')}]`

/** Bytes in a unit, and milliseconds in one, by its name in lower case. */
const BYTE_UNITS = { b: 1, bytes: 1, kb: 1e3, mb: 1e6, gb: 1e9, kib: 1024, mib: 1024 ** 2, gib: 1024 ** 3 }
const DURATION_UNITS = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  msec: 1,
  s: 1e3,
  sec: 1e3,
  secs: 1e3,
  seconds: 1e3,
  m: 6e4,
  min: 6e4,
}

function unitMap(units: Readonly<Record<string, number>>): string {
  const names = Object.keys(units).map(name => `'${name}'`)
  return `MAP {${Object.values(units)
    .map((factor, i) => `${names[i]}: ${factor}::DOUBLE`)
    .join(', ')}}`
}

/** Words for an outcome, in lower case, with the HTTP status that stands for them. */
export const STATUS_WORDS: Readonly<Record<number, readonly string[]>> = {
  200: ['success', 'succeeded', 'successful', 'ok', 'allow', 'allowed', 'permit', 'permitted', 'granted'],
  401: ['unauthenticated', 'unauthorized'],
  403: ['deny', 'denied', 'forbidden', 'blocked', 'access denied'],
  400: ['failure', 'failed', 'fail', 'error', 'unsuccessful'],
}

function statusWords(): string {
  return Object.entries(STATUS_WORDS)
    .map(
      ([status, texts]) =>
        `WHEN list_contains([${texts.map(text => `'${text}'`).join(', ')}], lower(trim(x))) THEN ${status}`,
    )
    .join(' ')
}

/**
 * What is no number is looked at behind a CASE, never a COALESCE: the engine takes common parts out of the latter, and works them out for
 * every row (a quarter of the time of staging).
 *
 * Names that the statements of ingest share:
 * - `kh_text(x)`: trimmed text; null where it says nothing;
 * - `kh_said(x)`: the text as it is; null where it says nothing or names nobody;
 * - `kh_epoch(x)`: TIMESTAMP of a DOUBLE in seconds, milliseconds, microseconds or nanoseconds, told apart by size
 *   (exact for the years 1973 to 5138), or of a serial day of Excel (1990 to 2100; as seconds these are hours of 1970);
 * - `kh_moment(x)`: TIMESTAMP (UTC) of a text: a number as above, ISO 8601 with or without offset (without: UTC), or one
 *   of the forms above; null where it is none ("...Z" is most logs' form and cast at a tenth of the cost);
 * - `kh_when(x)`: the same of a text as the log has it, not trimmed;
 * - `kh_number(x)`: DOUBLE of a text, null where it is none or not finite;
 * - `kh_amount(x)`: the same, also of "1,234" and "1 234.5";
 * - `kh_bytes(x)`: the same, also of "12 kB" and "3MiB";
 * - `kh_duration(x)`: DOUBLE in milliseconds of a number of them, of a text with its unit ("12ms", "1.5s") or of "00:00:01.25";
 * - `kh_scaled(x, f)`: the text of a number times a factor; a text with a unit of its own is left as it is;
 * - `kh_status(x)`: HTTP status of a number, of "200 OK", or of a word for an outcome, as OCSF's `status_id` is read.
 */
const MACROS = `
CREATE OR REPLACE TEMP MACRO kh_nothing(x) AS
  (x < '.' OR x >= 'N') AND strlen(x) < 10 AND list_contains(${NOTHING}, x);
CREATE OR REPLACE TEMP MACRO kh_trim(x) AS trim(x, ' ' || chr(9) || chr(13));
CREATE OR REPLACE TEMP MACRO kh_text(x) AS
  CASE WHEN x < '!' OR suffix(x, ' ') OR suffix(x, chr(9)) OR suffix(x, chr(13))
      THEN CASE WHEN kh_nothing(kh_trim(x)) THEN NULL ELSE kh_trim(x) END
    WHEN kh_nothing(x) THEN NULL ELSE x END;
CREATE OR REPLACE TEMP MACRO kh_said(x) AS
  CASE WHEN kh_text(x) IS NULL OR (strlen(x) < 24 AND list_contains([${NOBODY_WORDS.map(quoteText).join(', ')}], lower(x))) THEN NULL ELSE x END;
CREATE OR REPLACE TEMP MACRO kh_epoch(v) AS
  CASE WHEN v IS NULL OR NOT (v BETWEEN 0 AND 9e18) THEN NULL
    WHEN v BETWEEN 32874 AND 73051 THEN make_timestamp(round((v - 25569) * 86400000)::BIGINT * 1000) ELSE make_timestamp(
    CASE WHEN v < 1e11 THEN v * 1e6 WHEN v < 1e14 THEN v * 1e3 WHEN v < 1e17 THEN v ELSE v / 1e3 END::BIGINT) END;
CREATE OR REPLACE TEMP MACRO kh_sane(t) AS
  CASE WHEN t >= TIMESTAMP '${EARLIEST}' AND t < TIMESTAMP '${LATEST}' THEN t END;
CREATE OR REPLACE TEMP MACRO kh_moment(x) AS
  CASE WHEN x IS NULL THEN NULL
    WHEN suffix(x, 'Z') AND x[5] = '-' THEN kh_sane(try_cast(x AS TIMESTAMP))
    WHEN try_cast(x AS DOUBLE) IS NOT NULL THEN kh_sane(kh_epoch(try_cast(x AS DOUBLE)))
    ELSE kh_sane(coalesce(try_cast(x AS TIMESTAMPTZ)::TIMESTAMP,
      try_strptime(x, [${TIME_FORMS.map(form => `'${form}'`).join(', ')}])::TIMESTAMP)) END;
CREATE OR REPLACE TEMP MACRO kh_when(x) AS
  coalesce(CASE WHEN suffix(x, 'Z') THEN kh_sane(try_cast(x AS TIMESTAMP)) END, kh_moment(kh_text(x)));
CREATE OR REPLACE TEMP MACRO kh_number(x) AS
  CASE WHEN isfinite(try_cast(x AS DOUBLE)) THEN try_cast(x AS DOUBLE) END;
CREATE OR REPLACE TEMP MACRO kh_grouped(x) AS
  CASE WHEN regexp_matches(x, '^\\s*[0-9]{1,3}([, _][0-9]{3})+(\\.[0-9]+)?\\s*$') THEN kh_number(regexp_replace(x, '[, _]', '', 'g')) END;
CREATE OR REPLACE TEMP MACRO kh_amount(x) AS
  CASE WHEN kh_number(x) IS NOT NULL OR x IS NULL OR x = '' THEN kh_number(x) ELSE kh_grouped(x) END;
CREATE OR REPLACE TEMP MACRO kh_united(x, units) AS
  kh_amount(regexp_extract(x, '^\\s*([0-9][0-9,]*\\.?[0-9]*)\\s*[A-Za-zµμ]+\\s*$', 1)) * units[lower(regexp_extract(x, '([A-Za-zµμ]+)\\s*$', 1))];
CREATE OR REPLACE TEMP MACRO kh_bytes(x) AS
  CASE WHEN kh_number(x) IS NOT NULL OR x IS NULL OR x = '' THEN kh_number(x) ELSE coalesce(kh_grouped(x), kh_united(x, ${unitMap(BYTE_UNITS)})) END;
CREATE OR REPLACE TEMP MACRO kh_duration(x) AS
  CASE WHEN kh_number(x) IS NOT NULL OR x IS NULL OR x = '' THEN kh_number(x)
    ELSE coalesce(kh_grouped(x), kh_united(x, ${unitMap(DURATION_UNITS)}),
      CASE WHEN regexp_matches(x, '^[0-9]{1,2}:[0-9]{2}:[0-9]{2}(\\.[0-9]+)?$') THEN epoch(try_cast(x AS INTERVAL)) * 1000 END) END;
CREATE OR REPLACE TEMP MACRO kh_scaled(x, f) AS
  coalesce((CASE WHEN f < 1 THEN kh_amount(x) / round(1 / f) ELSE kh_amount(x) * f END)::VARCHAR, x);
CREATE OR REPLACE TEMP MACRO kh_status(x) AS
  CASE WHEN kh_number(x) IS NOT NULL OR x IS NULL OR x = '' THEN kh_number(x)
    ELSE coalesce(kh_number(regexp_extract(x, '^\\s*(?:HTTP/[0-9.]+ )?([1-5][0-9]{2})\\b', 1)), CASE ${statusWords()} END) END;
`

/** Sets the session to UTC (a text without offset is UTC) and defines the macros. */
export async function prepareSql(engine: Engine): Promise<void> {
  await engine.run("SET TimeZone = 'UTC'")
  await engine.run(MACROS)
}

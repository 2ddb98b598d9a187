import type { Engine } from '../sql/duckdb.ts'

/** Moments before and after these are garbage, not history: no API log predates the Web, and clocks run wild. UTC. */
export const EARLIEST = '1990-01-01'
export const LATEST = '2100-01-01'

/**
 * Text forms of time beyond ISO 8601, as strptime knows them: access logs, RFC 1123 (HTTP dates), commas before the
 * fraction (Python's logging), and the output of `date` and Go. Day/month order is never guessed.
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
]

/**
 * The ways logs write nothing: they begin with nothing, "-", or a letter from "N" on, which spares numbers the search. A list,
 * since DuckDB turns a long IN into a join for every column; no "NA": Namibia.
 */
const NOTHING = `['', '-', 'null', 'NULL', 'None', 'nan', 'NaN', 'undefined']`

/**
 * Names that the statements of ingest share:
 * - `kh_text(x)`: trimmed text; null where it says nothing;
 * - `kh_epoch(x)`: TIMESTAMP of a DOUBLE in seconds, milliseconds, microseconds or nanoseconds, told apart by size
 *   (exact for the years 1973 to 5138);
 * - `kh_moment(x)`: TIMESTAMP (UTC) of a text: a number as above, ISO 8601 with or without offset (without: UTC), or one
 *   of the forms above; null where it is none ("...Z" is most logs' form and cast at a tenth of the cost);
 * - `kh_when(x)`: the same of a text as the log has it, not trimmed;
 * - `kh_number(x)`: DOUBLE of a text, null where it is none or not finite.
 */
const MACROS = `
CREATE OR REPLACE TEMP MACRO kh_nothing(x) AS
  strlen(x) < 10 AND (ascii(x) <= 45 OR ascii(x) >= 78) AND list_contains(${NOTHING}, x);
CREATE OR REPLACE TEMP MACRO kh_trim(x) AS trim(x, ' ' || chr(9) || chr(13));
CREATE OR REPLACE TEMP MACRO kh_text(x) AS
  CASE WHEN ascii(x) <= 32 OR suffix(x, ' ') OR suffix(x, chr(9)) OR suffix(x, chr(13))
      THEN CASE WHEN kh_nothing(kh_trim(x)) THEN NULL ELSE kh_trim(x) END
    WHEN kh_nothing(x) THEN NULL ELSE x END;
CREATE OR REPLACE TEMP MACRO kh_epoch(v) AS
  CASE WHEN v IS NULL OR NOT (v BETWEEN 0 AND 9e18) THEN NULL ELSE make_timestamp(
    CASE WHEN v < 1e11 THEN v * 1e6 WHEN v < 1e14 THEN v * 1e3 WHEN v < 1e17 THEN v ELSE v / 1e3 END::BIGINT) END;
CREATE OR REPLACE TEMP MACRO kh_sane(t) AS
  CASE WHEN t >= TIMESTAMP '${EARLIEST}' AND t < TIMESTAMP '${LATEST}' THEN t END;
CREATE OR REPLACE TEMP MACRO kh_moment(x) AS
  CASE WHEN x IS NULL THEN NULL
    WHEN suffix(x, 'Z') THEN kh_sane(try_cast(x AS TIMESTAMP))
    WHEN try_cast(x AS DOUBLE) IS NOT NULL THEN kh_sane(kh_epoch(try_cast(x AS DOUBLE)))
    ELSE kh_sane(coalesce(try_cast(x AS TIMESTAMPTZ)::TIMESTAMP,
      try_strptime(x, [${TIME_FORMS.map(form => `'${form}'`).join(', ')}])::TIMESTAMP)) END;
CREATE OR REPLACE TEMP MACRO kh_when(x) AS
  coalesce(CASE WHEN suffix(x, 'Z') THEN kh_sane(try_cast(x AS TIMESTAMP)) END, kh_moment(kh_text(x)));
CREATE OR REPLACE TEMP MACRO kh_number(x) AS
  CASE WHEN isfinite(try_cast(x AS DOUBLE)) THEN try_cast(x AS DOUBLE) END;
`

/** Sets the session to UTC (a text without offset is UTC) and defines the macros. */
export async function prepareSql(engine: Engine): Promise<void> {
  await engine.run("SET TimeZone = 'UTC'")
  await engine.run(MACROS)
}

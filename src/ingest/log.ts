/** What a log file is made of. */
export type Format = 'csv' | 'parquet' | 'arrow' | 'json' | 'jsonl' | 'lines'

export interface LogColumn {
  /** As the log spells it; nested members joined by dots: `userIdentity.accessKeyId`. */
  readonly name: string
  /** DuckDB type; VARCHAR for text formats. */
  readonly type: string
}

/** One file (or several small ones) of one format, open for queries. Raw values live in the engine's memory only. */
export interface OpenLog {
  readonly format: Format
  /** Paths as given; `kh_file` in the relation is an index into them. */
  readonly files: readonly string[]
  readonly columns: readonly LogColumn[]
  /** Some first records as plain values, for recognising the source; at most {@link SAMPLE_RECORDS}. */
  readonly sample: readonly Readonly<Record<string, unknown>>[]
  /** SQL text value of a column: a name of `columns`, or for JSON any dotted path. To be asked before `relation`. */
  value(name: string): string
  /**
   * A query with the physical columns plus `kh_file` (0-based) and `kh_row` (1-based), in the order of the file. Where
   * `kh_row` is null, every row of the file comes and its place tells: to number rows, one thread would have to read them all.
   * With `keepErrors` the reader notes the rows it cannot split, for {@link brokenRows}.
   */
  relation(keepErrors?: boolean): string
  /** SQL text over the relation that holds the whole record: its hash is the record's identity. */
  readonly record: string
  /** SQL condition over the relation: rows that hold nothing and count for nothing, such as blank lines. */
  readonly blank: string
  /** SQL text over the relation: why the record cannot be read, null where it can. */
  readonly broken: string
  /** Rows that the reader itself could not split into columns; known once a relation with `keepErrors` was read. */
  brokenRows(): Promise<readonly BrokenRow[]>
  /** Columns have members, as in JSON: named by dots, and any path may be asked for. */
  readonly isNested?: boolean
  /** The log with a sample from all of the file: what its beginning lacks may come later. */
  widen?(): Promise<OpenLog>
  /** An open quotation mark may have cost the rows after it as well, which can be read once the file is written anew. */
  readonly mayLoseRows?: boolean
  /** Forgets the rows that a pass noted as broken, before another pass notes them again. */
  forgetErrors?(): Promise<void>
  close(): Promise<void>
}

export interface BrokenRow {
  readonly file: number
  readonly row: number | null
  readonly reason: string
}

export const SAMPLE_RECORDS = 500

import type { ComponentChildren } from 'preact'

export interface TableColumn<T> {
  readonly name: string
  /** What stands in a cell. */
  readonly cell: (row: T) => ComponentChildren
  /** Right-aligned. */
  readonly isNumber?: boolean
  readonly title?: string
}

interface TableProps<T> {
  /** For screen readers: what the table is of. */
  readonly caption: string
  readonly columns: readonly TableColumn<T>[]
  readonly rows: readonly T[]
  readonly keyOf: (row: T) => string
}

/** A table that scrolls by itself where it is too wide. */
export function Table<T>({ caption, columns, rows, keyOf }: TableProps<T>) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section class="table-box" tabIndex={0} aria-label={caption}>
      <table class="table">
        <caption class="unseen">{caption}</caption>
        <thead>
          <tr>
            {columns.map(column => (
              <th
                key={column.name}
                scope="col"
                class={column.isNumber ? 'number' : undefined}
                title={column.title}
              >
                {column.name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(row => (
            <tr key={keyOf(row)}>
              {columns.map(column => (
                <td key={column.name} class={column.isNumber ? 'number' : undefined}>
                  {column.cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

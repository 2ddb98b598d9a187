import './strip.css'

interface StripProps {
  /** What each cell says, for those who do not see it. */
  readonly label: string
  /** One a cell; 0 is empty. */
  readonly values: readonly number[]
  /** Cells that are marked, by index. */
  readonly marked?: ReadonlySet<number>
  readonly titles?: readonly string[]
}

/** A row of cells, darker the more: when something was seen, at a glance. */
export function Strip({ label, values, marked, titles }: StripProps) {
  const most = Math.max(1, ...values)
  return (
    <span class="strip" role="img" aria-label={label}>
      {values.map((value, i) => (
        <span
          key={i}
          class="strip-cell"
          data-marked={marked?.has(i)}
          title={titles?.[i]}
          style={
            value > 0
              ? { background: `color-mix(in srgb, var(--series-1) ${depth(value, most)}%, var(--surface))` }
              : {}
          }
        />
      ))}
    </span>
  )
}

/** Small numbers must be seen beside large ones: by the square root, from a quarter on. */
const depth = (value: number, most: number): number => Math.round(25 + 75 * Math.sqrt(value / most))

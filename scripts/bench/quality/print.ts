import { markdownTable, significant } from '../lib.ts'
import { type EffectTable, type QualityPart, signed, verdictOf } from './row.ts'

/** A part as Markdown on standard output. */
export function printPart({ title, seconds, rows, tables, effects }: QualityPart): void {
  const or = (value: number | undefined) => significant(value)
  console.log(`### ${title} (${seconds} s)\n`)
  console.log(
    markdownTable(
      rows.map(row => ({
        on: row.subject,
        measure: row.measure,
        measured: or(row.value),
        range: row.range ? `${or(row.range.low)}–${or(row.range.high)} (${row.range.of})` : '–',
        reference: row.reference ? `${or(row.reference.value)} (${row.reference.of})` : '–',
        chance: or(row.chance),
        goal: row.goal ? `${row.goal.is === 'at most' ? '≤' : '≥'} ${or(row.goal.value)}` : '–',
        verdict: verdictOf(row),
      })),
    ),
  )
  for (const effect of effects) console.log(`\n${effect.title}\n\n${markdownTable(effectRows(effect))}`)
  for (const table of tables)
    if (table.rows.length > 0) console.log(`\n${table.title}\n\n${markdownTable(table.rows)}`)
  console.log()
}

function effectRows({ measures, rows }: EffectTable): Record<string, string | number>[] {
  return rows.map(({ name, facts, changes }) => ({
    'left out': name,
    facts,
    ...Object.fromEntries(
      changes.map(({ mean, low, high }, m) => [
        measures[m]!,
        `${signed(mean)} (${signed(low)} to ${signed(high)})`,
      ]),
    ),
  }))
}

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { publish } from '../sql/workspace.ts'
import { type Html, html, raw } from './html.ts'
import { STYLE } from './style.ts'

/** A whole page that needs nothing else: style and drawings are inside, there is no script. */
export function page(title: string, body: Html): string {
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${raw(STYLE)}</style></head><body>
${body}
</body></html>
`.html
}

/** Writes report.html and report.json into a folder, each by rename. */
export async function writeFiles(record: unknown, rendered: string, outDir: string): Promise<void> {
  await publish(join(outDir, 'report.json'), temporary =>
    writeFileSync(temporary, `${JSON.stringify(record, null, 2)}\n`),
  )
  await publish(join(outDir, 'report.html'), temporary => writeFileSync(temporary, rendered))
}

/** The facts at the foot of a page. */
export function footer(title: string, rows: readonly (readonly [string, string])[], after?: Html): Html {
  return html`<footer><h2>${title}</h2><dl>${rows.map(([name, text]) => html`<dt>${name}</dt><dd>${text}</dd>`)}</dl>
${after}</footer>`
}

/** A mark of a chart and what it stands for. */
export function legend(mark: string, text: string): Html {
  return html`<span class="item"><span class="${mark}"></span>${text}</span> `
}

import { type Cell, type Notebook, type Output, textOf } from './nbformat.ts'

/** A notebook as one HTML page, about as GitHub shows it, long cells cut: for screenshots. Knows the Markdown that our notebooks use. */
export function notebookHtml(notebook: Notebook): string {
  return `<!doctype html><meta charset="utf-8"><style>${STYLE}</style><main>${notebook.cells.map(cellHtml).join('\n')}</main>`
}

const STYLE = `
body { margin: 0; background: #fff; color: #1f2328; font: 15px/1.55 system-ui, sans-serif }
main { max-width: 860px; margin: 0 auto; padding: 24px 32px 40px }
h1 { font-size: 30px; margin: 8px 0 12px } h2 { font-size: 22px; margin: 28px 0 8px }
pre { font: 12.5px/1.5 ui-monospace, "DejaVu Sans Mono", monospace; margin: 8px 0; white-space: pre-wrap }
pre.source { background: #f6f8fa; border: 1px solid #d1d9e0; border-radius: 6px; padding: 10px 14px;
  max-height: 118px; overflow: hidden; position: relative }
pre.source::after { content: ''; position: absolute; inset: 108px 0 0 0; height: 30px; background: linear-gradient(#f6f8fa00, #f6f8fa) }
p code, li code { background: #eff1f3; border-radius: 4px; padding: 1px 5px; font-size: 13px }
table { border-collapse: collapse; font-size: 13px; margin: 8px 0 } td, th { padding: 3px 12px; border-bottom: 1px solid #e4e8ec }
.output { margin: 6px 0 14px } a { color: #0969da }`

function cellHtml(cell: Cell): string {
  if (cell.cell_type === 'markdown') return markdown(textOf(cell.source))
  return `<pre class="source">${escapeHtml(textOf(cell.source))}</pre>${cell.outputs.map(outputHtml).join('')}`
}

function outputHtml(output: Output): string {
  if (output.output_type === 'stream') return `<pre class="output">${escapeHtml(textOf(output.text))}</pre>`
  const [[type, data]] = Object.entries(output.data) as [[string, string | string[]]]
  const text = textOf(data)
  const body =
    type === 'image/png'
      ? `<img src="data:image/png;base64,${text}">`
      : type === 'text/html' || type === 'image/svg+xml'
        ? text
        : `<pre>${escapeHtml(text)}</pre>`
  return `<div class="output">${body}</div>`
}

/** Headings, paragraphs, lists, code, bold, links. */
function markdown(text: string): string {
  return text
    .trim()
    .split(/\n\n+/)
    .map(block => {
      const heading = /^(#+) (.*)$/s.exec(block)
      if (heading) return `<h${heading[1]!.length}>${inline(heading[2]!)}</h${heading[1]!.length}>`
      if (!block.startsWith('- ')) return `<p>${inline(block)}</p>`
      const items = block.slice(2).split(/\n- /)
      return `<ul>${items.map(item => `<li>${inline(item)}</li>`).join('')}</ul>`
    })
    .join('\n')
}

function inline(text: string): string {
  return escapeHtml(text)
    .replace(/`([^`]+)`/g, '<code>$1</code>')
    .replace(/\*\*([^*]+)\*\*/g, '<b>$1</b>')
    .replace(/\*([^*]+)\*/g, '<i>$1</i>')
    .replace(/\[([^\]]+)\]\(([^)]+)\)/g, '<a href="$2">$1</a>')
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

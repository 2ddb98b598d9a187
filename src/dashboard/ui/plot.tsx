import type * as Plot from '@observablehq/plot'
import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'

export type PlotModule = typeof Plot

/** Plot and d3 are the larger half of the page: they come with the first picture. */
const loadPlot = () => import('@observablehq/plot')
let loaded: PlotModule | null = null

interface PictureProps {
  /** What the picture shows, for those who do not see it. */
  readonly label: string
  /** px; the space is kept while the picture is on its way. */
  readonly height: number
  /** Draws at a width in px: `(Plot, width) => Plot.plot({width, ...})`. Colours: 'var(--series-1)'. */
  readonly draw: (plot: PlotModule, width: number) => Element
  /** Draws anew when these change. */
  readonly on: readonly unknown[]
}

/** A picture by Observable Plot, as wide as there is room, and drawn anew when that changes. */
export function Picture({ label, height, draw, on }: PictureProps) {
  const box = useRef<HTMLDivElement>(null)
  const width = useSignal(0)
  const isReady = useSignal(loaded !== null)
  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => {
      width.value = Math.floor(entry!.contentRect.width)
    })
    observer.observe(box.current!)
    void loadPlot().then(module => {
      loaded = module
      isReady.value = true
    })
    return () => observer.disconnect()
  }, [])
  useEffect(() => {
    if (loaded === null || width.value === 0) return
    const picture = draw(loaded, width.value)
    // Marks name themselves ("rect"), which says nothing to those who do not see them; the label of the whole does.
    for (const mark of picture.querySelectorAll('g[aria-label]')) mark.removeAttribute('aria-label')
    box.current!.replaceChildren(picture)
  }, [isReady.value, width.value, ...on])
  return <div ref={box} class="plot" role="img" aria-label={label} style={{ minHeight: `${height}px` }} />
}

/** The legend of a picture: colours with their words. */
export function Legend({ of }: { readonly of: readonly (readonly [colour: string, text: string])[] }) {
  return (
    <ul class="legend">
      {of.map(([colour, text]) => (
        <li key={text}>
          <span class="swatch" style={{ background: colour }} />
          {text}
        </li>
      ))}
    </ul>
  )
}

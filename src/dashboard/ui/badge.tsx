import type { ComponentChildren } from 'preact'
import type { Row } from '../lib/api.ts'

export type Tone = Row<'Severity'> | 'good'

interface BadgeProps {
  readonly tone?: Tone
  readonly title?: string
  readonly children: ComponentChildren
}

/** A word that stands out. */
export function Badge({ tone = 'info', title, children }: BadgeProps) {
  return (
    <span class="badge" data-tone={tone} title={title}>
      {children}
    </span>
  )
}

/** How bad: the word, never the colour alone. */
export function Severity({ of }: { readonly of: Row<'Severity'> }) {
  return <Badge tone={of}>{of}</Badge>
}

const VERDICT_WORDS: Readonly<Record<Row<'Verdict'>, { text: string; tone: Tone }>> = {
  true_positive: { text: 'true positive', tone: 'critical' },
  false_positive: { text: 'false positive', tone: 'info' },
  benign_trigger: { text: 'benign trigger', tone: 'good' },
  duplicate: { text: 'duplicate', tone: 'info' },
}

export function VerdictBadge({ of }: { readonly of: Row<'Verdict'> }) {
  const { text, tone } = VERDICT_WORDS[of]
  return <Badge tone={tone}>{text}</Badge>
}

/** A verdict in words. */
export const verdictText = (verdict: Row<'Verdict'>): string => VERDICT_WORDS[verdict].text

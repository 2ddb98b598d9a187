import { useSignal } from '@preact/signals'
import type { Row } from '../../lib/api.ts'
import { formatNumber, formatShare } from '../../lib/format.ts'
import { Badge, type Tone } from '../../ui/badge.tsx'
import { Button } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { Loaded } from '../../ui/states.tsx'
import { Table } from '../../ui/table.tsx'
import { useDrift } from './data.ts'

type Column = Row<'ModelDrift'>['columns'][number]

const TONES: Readonly<Record<Column['level'], Tone>> = {
  stable: 'good',
  moderate: 'medium',
  strong: 'critical',
}

/** Columns shown at first: those that ask for something, and a few beyond. */
const FEW = 10

/** How far the last scored week has moved away from what the model was trained on. */
export function DriftCard({ model }: { readonly model: string }) {
  const drift = useDrift(model)
  const isAll = useSignal(false)
  return (
    <Loaded of={drift} what="drift">
      {({ found: value, missing }) =>
        value === null ? (
          <Card title={`Drift of ${model}`}>
            <p class="quiet">{missing}</p>
          </Card>
        ) : (
          <Card
            title={`Drift of ${value.model}`}
            aside={`${value.from} to ${value.to}, ${formatNumber(value.periodRows)} token-hours against ${formatNumber(value.trainingRows)}`}
          >
            <p>
              <Badge tone={value.isBeyond ? 'critical' : 'good'}>
                {value.isBeyond ? 'beyond bounds' : 'within bounds'}
              </Badge>{' '}
              {value.advice ?? 'What makes high scores is distributed as it was in training.'}{' '}
              <span class="quiet">Weighted index {value.weighted.toFixed(3)}.</span>
            </p>
            <Table
              caption="Drift by column, what weighs most in the score first"
              rows={isAll.value ? value.columns : value.columns.slice(0, FEW)}
              keyOf={column => column.name}
              columns={[
                { name: 'What', cell: column => column.name },
                { name: 'Drift', cell: column => <Level of={column.level} /> },
                { name: 'Where it counts', cell: column => <Level of={column.upperLevel} /> },
                {
                  name: 'Weight',
                  isNumber: true,
                  title: 'share of the highest training scores that it makes',
                  cell: column => formatShare(column.weight),
                },
                {
                  name: 'PSI',
                  isNumber: true,
                  title: 'population stability index',
                  cell: column => column.psi.toFixed(2),
                },
                { name: 'by chance', isNumber: true, cell: column => column.psiByChance.toFixed(2) },
                {
                  name: 'KS',
                  isNumber: true,
                  title: 'largest gap of the distributions (Kolmogorov-Smirnov)',
                  cell: column => column.ks.toFixed(2),
                },
                {
                  name: 'Median, then and now',
                  isNumber: true,
                  cell: column => `${small(column.trainingMedian)} → ${small(column.periodMedian)}`,
                },
                {
                  name: 'Missing, then and now',
                  isNumber: true,
                  cell: column =>
                    `${formatShare(column.trainingMissing, 0)} → ${formatShare(column.periodMissing, 0)}`,
                },
                { name: 'What to do', cell: column => column.advice },
              ]}
            />
            {!isAll.value && value.columns.length > FEW && (
              <div>
                <Button
                  kind="quiet"
                  onClick={() => {
                    isAll.value = true
                  }}
                >
                  All {formatNumber(value.columns.length)}
                </Button>
              </div>
            )}
          </Card>
        )
      }
    </Loaded>
  )
}

/** Tail probabilities are millionths and less. */
function small(value: number | null): string {
  return value !== null && value !== 0 && Math.abs(value) < 0.001
    ? value.toExponential(1)
    : formatNumber(value)
}

function Level({ of }: { readonly of: Column['level'] }) {
  return <Badge tone={TONES[of]}>{of}</Badge>
}

import { Card } from '../../ui/card.tsx'
import { Loaded } from '../../ui/states.tsx'
import { Table } from '../../ui/table.tsx'
import { Time } from '../../ui/time.tsx'
import { usePromotions } from './data.ts'

const HOW = { gate: 'passed the gate', forced: 'gate overruled', pinned: 'pinned' } as const

/** Who made which version the one in use, and why. */
export function PromotionsCard({ model }: { readonly model: string }) {
  const promotions = usePromotions(model)
  return (
    <Card title="Promotions" aside={`of ${model.split('@')[0]}`}>
      <Loaded of={promotions} what="promotions">
        {({ items }) =>
          items.length === 0 ? (
            <p class="quiet">None yet: the newest version is used.</p>
          ) : (
            <Table
              caption="Promotions, newest first"
              rows={items}
              keyOf={one => `${one.at} ${one.version}`}
              columns={[
                { name: 'When', cell: one => <Time at={one.at} /> },
                { name: 'Version', cell: one => `${one.name}@${one.version}` },
                { name: 'instead of', cell: one => `${one.name}@${one.replaced}` },
                { name: 'By', cell: one => one.who },
                { name: 'How', cell: one => HOW[one.how] },
                { name: 'Because', cell: one => one.because },
              ]}
            />
          )
        }
      </Loaded>
    </Card>
  )
}

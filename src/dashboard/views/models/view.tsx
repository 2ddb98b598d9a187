import './models.css'
import { useLocation } from 'preact-iso/router'
import { api, askAll } from '../../lib/api.ts'
import { formatNumber } from '../../lib/format.ts'
import { useResource } from '../../lib/resource.ts'
import { Badge } from '../../ui/badge.tsx'
import { Card } from '../../ui/card.tsx'
import { Choice } from '../../ui/field.tsx'
import { EmptyState, Loaded } from '../../ui/states.tsx'
import { Table } from '../../ui/table.tsx'
import { Time } from '../../ui/time.tsx'
import { ComparisonCard } from './comparison.tsx'
import { type Listing, useVersions } from './data.ts'
import { DriftCard } from './drift.tsx'
import { EvaluationCards } from './evaluation.tsx'
import { FactsCard } from './facts.tsx'
import { PromotionsCard } from './promotions.tsx'

/** Model versions: two of them side by side, and which is used. */
export default function Models() {
  const models = useResource(
    () =>
      askAll(cursor =>
        api.GET('/v1/models', { params: { query: { limit: 200, ...(cursor && { cursor }) } } }),
      ),
    '',
    ['models'],
  )
  return (
    <div class="view">
      <Loaded of={models} what="models">
        {items =>
          items.length === 0 ? (
            <>
              <h1>Models</h1>
              <EmptyState title="No model yet">
                <p>
                  <code>keyhound train</code> makes one of the log.
                </p>
              </EmptyState>
            </>
          ) : (
            <Versions of={items} />
          )
        }
      </Loaded>
    </div>
  )
}

/** The version in use, and the newest other one of its name, unless the address names others. */
function Versions({ of }: { readonly of: readonly Listing[] }) {
  const { query, route } = useLocation()
  const known = (model: string | undefined) => of.find(one => one.model === model)?.model
  const used = (of.find(one => one.isUsed && one.model.startsWith('default@')) ?? of.find(one => one.isUsed))
    ?.model
  const champion = known(query.champion) ?? used ?? of[0]!.model
  const challenger = known(query.challenger) ?? of.find(one => one.model !== champion)?.model ?? champion
  const go = (next: { champion?: string; challenger?: string }) => {
    const chosen = new URLSearchParams({ champion, challenger, ...next })
    route(`/models?${chosen}`, true)
  }
  const options = of.map(({ model, isUsed }) => [model, isUsed ? `${model} (in use)` : model] as const)
  const shown = champion === challenger ? [champion] : [champion, challenger]
  const versions = useVersions(shown)
  return (
    <>
      <div class="view-head">
        <h1>Models</h1>
        <span class="grow" />
        <div class="pickers">
          <Choice
            label="Champion"
            options={options}
            value={champion}
            onChange={event => go({ champion: event.currentTarget.value })}
          />
          <Choice
            label="Challenger"
            options={options}
            value={challenger}
            onChange={event => go({ challenger: event.currentTarget.value })}
          />
        </div>
      </div>
      <VersionTable of={of} />
      <ComparisonCard champion={champion} challenger={challenger} />
      <Loaded of={versions} what="the versions">
        {data => (
          <>
            <EvaluationCards of={data} />
            <FactsCard of={data} />
          </>
        )}
      </Loaded>
      <DriftCard key={champion} model={champion} />
      <PromotionsCard model={champion} />
    </>
  )
}

function VersionTable({ of }: { readonly of: readonly Listing[] }) {
  return (
    <Card title="Versions" aside="never changed once published">
      <Table
        caption="Model versions, newest first"
        rows={of}
        keyOf={one => one.model}
        columns={[
          {
            name: 'Model',
            cell: one => (
              <>
                <strong>{one.model}</strong> {one.isUsed && <Badge tone="good">in use</Badge>}
              </>
            ),
          },
          { name: 'Made', cell: one => <Time at={one.createdAt} /> },
          { name: 'Trained from', cell: one => <Time at={one.from} /> },
          { name: 'until', cell: one => <Time at={one.until} /> },
          { name: 'Token-hours', isNumber: true, cell: one => formatNumber(one.windows) },
          { name: 'Tokens', isNumber: true, cell: one => formatNumber(one.tokens) },
          { name: 'Filter', cell: one => one.filter },
          {
            name: 'Content id',
            title: 'the same data, seed and settings give the same id',
            cell: one => (
              <span class="mono" title={one.contentId}>
                {one.contentId.slice(0, 12)}
              </span>
            ),
          },
        ]}
      />
    </Card>
  )
}

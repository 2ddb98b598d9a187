import { tokenAddress } from '../../lib/addresses.ts'
import { api, ask } from '../../lib/api.ts'
import { formatShare, shortId } from '../../lib/format.ts'
import { useResource } from '../../lib/resource.ts'
import { Badge } from '../../ui/badge.tsx'
import { Card } from '../../ui/card.tsx'
import { Loaded } from '../../ui/states.tsx'
import { Time } from '../../ui/time.tsx'

interface LineageProps {
  readonly tenantId: string
  readonly tokenId: string
}

/** The tokens that it follows and is followed by, each link with its reason. */
export function Lineage({ tenantId, tokenId }: LineageProps) {
  const lineage = useResource(
    () =>
      ask(api.GET('/v1/tokens/{tokenId}/lineage', { params: { path: { tokenId }, query: { tenantId } } })),
    `${tenantId} ${tokenId}`,
    ['desk', 'scores'],
  )
  return (
    <Card title="Lineage" aside="tokens that follow each other share their history">
      <Loaded of={lineage} what="lineage">
        {({ tokens, links }) => (
          <>
            <ol class="chain">
              {tokens.map(id => (
                <li key={id}>
                  {id === tokenId ? (
                    <strong class="mono" title={id}>
                      {shortId(id)}
                    </strong>
                  ) : (
                    <a class="mono" href={tokenAddress({ tenantId, tokenId: id })} title={id}>
                      {shortId(id)}
                    </a>
                  )}
                </li>
              ))}
            </ol>
            {links.length === 0 && <p class="quiet">It follows no other token, and none follows it.</p>}
            <ul class="stack">
              {links.map(link => (
                <li key={`${link.tokenId} ${link.predecessorId}`} class="link">
                  <div class="row">
                    <span class="mono">{shortId(link.predecessorId)}</span> →
                    <span class="mono">{shortId(link.tokenId)}</span>
                    <Badge tone={link.status === 'linked' ? 'good' : 'info'}>{link.status}</Badge>
                    <span class="quiet">
                      {link.confidence === null
                        ? `decided by ${link.owner}`
                        : `confidence ${formatShare(link.confidence, 0)}`}
                      , <Time at={link.since} />
                    </span>
                  </div>
                  <p class="quiet small">{link.reason}</p>
                </li>
              ))}
            </ul>
          </>
        )}
      </Loaded>
    </Card>
  )
}

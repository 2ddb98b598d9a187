/** Where a token's story is shown. */
export function tokenAddress({ tenantId, tokenId }: { tenantId: string; tokenId: string }): string {
  return `/tokens/${encodeURIComponent(tokenId)}?tenant=${encodeURIComponent(tenantId)}`
}

/** The queue with an alert chosen. */
export function alertAddress(alertId: string): string {
  return `/?alert=${encodeURIComponent(alertId)}`
}

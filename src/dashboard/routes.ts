/** What a sample address is made of: rows of the workspace that the browser tests and screenshots look at. */
export interface Sample {
  readonly tenantId: string
  readonly tokenId: string
  readonly alertId: string
}

/** One view of the page. */
export interface Route {
  /** Pattern of the address: `/tokens/:tokenId`. */
  readonly path: string
  /** Folder below views/ whose view.tsx exports the component as default. */
  readonly folder: string
  readonly title: string
  /** Place in the navigation; views without one are reached from others. */
  readonly nav?: {
    /** Path data of a 16 x 16 icon, stroked. */
    readonly icon: string
    /** Pressed after g. */
    readonly key: string
    /** Only with a key that is bound to no tenant: the routes behind it speak of the whole installation. */
    readonly isInstallation?: true
  }
  /** An address to open in tests and screenshots. @default path */
  readonly sample?: (of: Sample) => string
}

/** Every view, in the order of the navigation. To add one: a folder below views/ and an entry here. */
export const ROUTES: readonly Route[] = [
  {
    path: '/',
    folder: 'queue',
    title: 'Queue',
    nav: { icon: 'M2 4h12M2 8h12M2 12h7', key: 'q' },
  },
  {
    path: '/tokens',
    folder: 'tokens',
    title: 'Tokens',
    nav: { icon: 'M6 10a3 3 0 1 0 0-6 3 3 0 0 0 0 6Zm2.2-.9L13.5 14M11 11.6l1.6-1.6', key: 't' },
  },
  {
    path: '/tokens/:tokenId',
    folder: 'token',
    title: 'Token',
    sample: ({ tenantId, tokenId }) =>
      `/tokens/${encodeURIComponent(tokenId)}?tenant=${encodeURIComponent(tenantId)}`,
  },
]

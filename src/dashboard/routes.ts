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
  {
    path: '/explore',
    folder: 'explore',
    title: 'Explore',
    sample: () => '/explore?brushes={"ranges":{"risk":{"from":50,"to":null}},"values":{}}',
    nav: { icon: 'M2.5 13.5h11M4 13.5V9M7 13.5V4M10 13.5V7M13 13.5v-3', key: 'e' },
  },
  {
    path: '/models',
    folder: 'models',
    title: 'Models',
    nav: { icon: 'M8 2 14 5 8 8 2 5ZM2 8l6 3 6-3M2 11l6 3 6-3', key: 'm', isInstallation: true },
  },
  {
    path: '/performance',
    folder: 'performance',
    title: 'Performance',
    nav: { icon: 'M2 12l4-4 3 3 5-6M10 5h4v4', key: 'p' },
  },
  {
    path: '/what-if',
    folder: 'what-if',
    title: 'What if',
    nav: {
      icon: 'M3 4h6M13 4h0M3 8h0M7 8h6M3 12h5M12 12h1M11 2.5v3M5 6.5v3M10 10.5v3',
      key: 'w',
      isInstallation: true,
    },
  },
  {
    path: '/runs',
    folder: 'runs',
    title: 'Runs',
    nav: { icon: 'M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12ZM8 5v3l2 1.5', key: 'r', isInstallation: true },
  },
]

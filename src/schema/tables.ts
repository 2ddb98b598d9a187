/** Tables that are made of the events, and can be handed out as one file. */
export const MADE_TABLES = ['features', 'activity', 'facets', 'history'] as const

export type MadeTable = (typeof MADE_TABLES)[number]

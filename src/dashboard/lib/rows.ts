import type { components } from '../../server/api-types.ts'

/** The records of the API by name: `Row<'Alert'>`. */
export type Row<Name extends keyof components['schemas']> = components['schemas'][Name]

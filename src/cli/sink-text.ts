import type { DeliveryReport } from '../respond/deliver.ts'
import { number, printable } from './format.ts'

/** What a run of deliveries came to, in a few lines. */
export function deliveryText({ enqueued, delivered, putOff, dead, problems }: DeliveryReport): string {
  return [
    `${number(enqueued)} new messages, ${number(delivered)} delivered, ${number(putOff)} put off, ${number(dead)} given up`,
    ...problems.map(({ sink, problem }) => `${printable(sink)}: ${printable(problem)}`),
  ].join('\n')
}

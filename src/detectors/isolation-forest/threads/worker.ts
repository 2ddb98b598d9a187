import { parentPort, workerData } from 'node:worker_threads'
import { scoreRows } from '../score-rows.ts'
import { type Desk, DONE, FAILED, type Job, type Message, rowsOn, TAKEN } from './desk.ts'

/** Scores what lies on its desks, one after the other. */
const desks: readonly Desk[] = workerData
let job: Job

parentPort?.on('message', (message: Message) => {
  if ('job' in message) {
    job = message.job
    return
  }
  const desk = desks[message.desk]!
  const { control } = desk
  const { ticket } = message
  if (Atomics.compareExchange(control, 0, ticket, TAKEN) !== ticket) return
  Atomics.notify(control, 0)
  let state = DONE
  try {
    scoreRows(job.forest, rowsOn(desk, job), 0, message.count, desk.scores)
  } catch (error) {
    state = FAILED
    const text = new TextEncoder().encode(String(error)).subarray(0, desk.error.length)
    desk.error.set(text)
    Atomics.store(control, 1, text.length)
  }
  Atomics.store(control, 0, state)
  Atomics.notify(control, 0)
})

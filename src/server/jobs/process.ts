import { KeyhoundError, messageOf } from '../../lib/errors.ts'
import { doTask } from './do-task.ts'
import type { FromJob, ToJob } from './fork.ts'

/** A process that does one task, told and answered by messages; see fork.ts. */
process.once('message', ({ task, frame }: ToJob) => {
  const say = (message: FromJob) => new Promise<void>(resolve => process.send?.(message, () => resolve()))
  doTask(task, frame, progress => void say({ progress }))
    .then(
      result => say({ result }),
      (error: unknown) => {
        const code = error instanceof KeyhoundError ? error.code : 'internal'
        return say({ error: { code, message: messageOf(error) } })
      },
    )
    .finally(() => process.disconnect())
})

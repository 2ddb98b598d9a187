import { createRoute, z } from '@hono/zod-openapi'
import { applyChange, changesConfig, checkApplicable } from '../../pipeline/apply-change.ts'
import { showModel } from '../../pipeline/models.ts'
import { type Change as ParsedChange, parseChange } from '../../schema/change.ts'
import type { ReplayReport } from '../../schema/replay.ts'
import { ADMINISTER, createRouter, guarded, OPERATE, problems, type Router, TRY_OUT } from '../access.ts'
import { actorOf, type Caller } from '../caller.ts'
import { JOB_STATUSES, type Job } from '../jobs/jobs.ts'
import type { JobTask } from '../jobs/task.ts'
import { ProblemError } from '../problem.ts'
import { Change, Comparison, Promotion, Replay } from '../replay-schemas.ts'
import { AskedMoment, Moment, momentOf, momentOrNull } from '../schemas.ts'
import { currentConfig, type Services, withContext } from '../services.ts'

const json = <T extends z.ZodType>(schema: T) => ({ 'application/json': { schema } })
const body = <T extends z.ZodType>(schema: T) => ({ body: { required: true, content: json(schema) } })

const Model = z.string().regex(/^[\w.-]+(@\d+)?$/)

const period = {
  from: AskedMoment.nullish().openapi({ description: 'by default the first hour scored' }),
  to: AskedMoment.nullish().openapi({ description: 'exclusive; by default the end of the last hour scored' }),
}

const JobSummary = z
  .strictObject({
    jobId: z.int(),
    kind: z.enum(['replay', 'compare', 'promote']),
    subject: z.string().openapi({ description: 'what is tried, compared or promoted' }),
    startedBy: z.string(),
    startedAt: Moment,
    endedAt: Moment.nullable(),
    status: z.enum(JOB_STATUSES),
    progress: z
      .strictObject({
        stage: z.string(),
        done: z.int(),
        total: z.int().openapi({ description: 'steps of the stage; 0: unknown' }),
        note: z.string().nullable(),
      })
      .nullable(),
    error: z.string().nullable(),
    applied: z.array(z.string()).nullable().openapi({ description: 'what was done when it was applied' }),
  })
  .openapi('JobSummary')

const JobRecord = z
  .strictObject({
    ...JobSummary.shape,
    replay: z.union([Replay, z.null()]),
    comparison: z.union([Comparison, z.null()]),
    promotion: z.union([Promotion, z.null()]),
    applicable: z
      .strictObject({ isApplicable: z.boolean(), because: z.string().nullable() })
      .nullable()
      .openapi({ description: 'of a replay that is done: whether its change can be applied here' }),
  })
  .openapi('Job')

const accepted = { 202: { description: 'The job that was begun.', content: json(JobSummary) } }

const startReplay = createRoute({
  method: 'post',
  path: '/v1/replays',
  tags: ['jobs'],
  summary: 'Try a change on the stored history: a job; nothing is published',
  ...guarded(TRY_OUT),
  request: body(z.strictObject({ change: Change, ...period }).openapi('NewReplay')),
  responses: { ...accepted, ...problems(409, 413, 415, 422) },
})

const startComparison = createRoute({
  method: 'post',
  path: '/v1/comparisons',
  tags: ['jobs'],
  summary: 'Hold two models against each other over the stored history: a job; nothing is published',
  ...guarded(TRY_OUT),
  request: body(z.strictObject({ champion: Model, challenger: Model, ...period }).openapi('NewComparison')),
  responses: { ...accepted, ...problems(404, 409, 413, 415, 422) },
})

const promote = createRoute({
  method: 'post',
  path: '/v1/models/{model}/promotion',
  tags: ['jobs'],
  summary: 'Make a version the one that is used, if the promotion gate lets it pass: a job',
  ...guarded(ADMINISTER),
  request: {
    params: z.object({ model: Model }),
    ...body(
      z
        .strictObject({
          because: z.string().trim().min(1).max(4000).nullish().openapi({
            description: 'overrules the gate, and is kept with the promotion',
          }),
          ...period,
        })
        .openapi('NewPromotion'),
    ),
  },
  responses: { ...accepted, ...problems(404, 409, 413, 415, 422) },
})

const list = createRoute({
  method: 'get',
  path: '/v1/jobs',
  tags: ['jobs'],
  summary: 'Replays, comparisons and promotions that this server began, newest first; the last twenty',
  ...guarded(OPERATE),
  responses: {
    200: { description: 'The jobs.', content: json(z.strictObject({ items: z.array(JobSummary) })) },
    ...problems(),
  },
})

const params = z.object({ jobId: z.coerce.number().int().min(1) })

const show = createRoute({
  method: 'get',
  path: '/v1/jobs/{jobId}',
  tags: ['jobs'],
  summary: 'How far a job is, and what it found',
  ...guarded(OPERATE),
  request: { params },
  responses: { 200: { description: 'The job.', content: json(JobRecord) }, ...problems(404) },
})

const cancel = createRoute({
  method: 'delete',
  path: '/v1/jobs/{jobId}',
  tags: ['jobs'],
  summary: 'Cancel a job that runs',
  ...guarded(TRY_OUT),
  request: { params },
  responses: { 204: { description: 'Nothing of it runs any more.' }, ...problems(404) },
})

const apply = createRoute({
  method: 'post',
  path: '/v1/replays/{jobId}/application',
  tags: ['jobs'],
  summary:
    'Apply the change of a replay: suppressions, and (as admin) the budget into the configuration file',
  ...guarded(TRY_OUT),
  request: {
    params,
    ...body(
      z
        .strictObject({
          acceptLost: z.boolean().default(false).openapi({ description: 'though known incidents are lost' }),
        })
        .openapi('NewApplication'),
    ),
  },
  responses: {
    200: { description: 'The job.', content: json(JobRecord) },
    ...problems(404, 409, 413, 415, 422),
  },
})

export function jobRoutes(services: Services): Router {
  const { jobs, workspace, configFile } = services
  const begin = (caller: Caller, task: JobTask) => {
    const job = jobs.start(task, {
      root: workspace.root,
      stateDatabase: workspace.stateDatabase ?? null,
      config: currentConfig(services),
      actor: actorOf(caller),
      owner: caller.name,
    })
    return summaryOf(job)
  }
  const find = (jobId: number): Job => {
    const job = jobs.find(jobId)
    if (job === undefined) throw new ProblemError(404, 'not-found', `there is no job ${jobId}`)
    return job
  }
  const recordOf = (job: Job): z.infer<typeof JobRecord> => ({
    ...summaryOf(job),
    replay: job.result?.replay ?? null,
    comparison: job.result?.comparison ?? null,
    promotion: job.result?.promotion ?? null,
    applicable: job.result?.replay === undefined ? null : applicability(job.result.replay.change, configFile),
  })
  return createRouter()
    .openapi(startReplay, async c => {
      const { change, ...times } = c.req.valid('json')
      changeOf(change)
      return c.json(begin(c.var.caller, { kind: 'replay', change, ...periodOf(times) }), 202)
    })
    .openapi(startComparison, async c => {
      const { champion, challenger, ...times } = c.req.valid('json')
      for (const model of [champion, challenger]) showModel(workspace, model)
      return c.json(begin(c.var.caller, { kind: 'compare', champion, challenger, ...periodOf(times) }), 202)
    })
    .openapi(promote, async c => {
      const { model } = c.req.valid('param')
      const { because, ...times } = c.req.valid('json')
      showModel(workspace, model)
      const task = { kind: 'promote' as const, model, because: because ?? null, ...periodOf(times) }
      return c.json(begin(c.var.caller, task), 202)
    })
    .openapi(list, c => c.json({ items: jobs.list().map(summaryOf) }, 200))
    .openapi(show, c => c.json(recordOf(find(c.req.valid('param').jobId)), 200))
    .openapi(cancel, async c => {
      const { jobId } = c.req.valid('param')
      find(jobId)
      await jobs.cancel(jobId)
      return c.body(null, 204)
    })
    .openapi(apply, async c => {
      const { caller } = c.var
      const job = find(c.req.valid('param').jobId)
      const report = job.result?.replay
      if (report === undefined)
        throw new ProblemError(409, 'conflict', `job ${job.jobId} is not a replay that is done`)
      if (job.applied !== null)
        throw new ProblemError(409, 'conflict', `the change of job ${job.jobId} is applied already`)
      const change = changeOf(report.change)
      const { isApplicable, because } = applicability(report.change, configFile)
      if (!isApplicable) throw new ProblemError(409, 'conflict', because!)
      if (changesConfig(change) && caller.role !== 'admin')
        throw new ProblemError(403, 'role', 'the configuration is changed by a key of role admin')
      // Claimed before anything is done: two clicks apply it once.
      job.applied = []
      try {
        job.applied = await withContext(services, caller, context =>
          applyChange(
            { ...context, config: currentConfig(services) },
            { ...report, change } as unknown as ReplayReport,
            {
              configFile: configFile ?? undefined,
              owner: caller.name,
              acceptLost: c.req.valid('json').acceptLost,
            },
          ),
        )
      } catch (error) {
        job.applied = null
        throw error
      }
      return c.json(recordOf(job), 200)
    })
}

/** Whether the change of a replay can be applied by this server, and why not. */
function applicability(
  change: unknown,
  configFile: string | null,
): { isApplicable: boolean; because: string | null } {
  const parsed = changeOf(change)
  if (changesConfig(parsed) && configFile === null) {
    return {
      isApplicable: false,
      because:
        'the server was started without a configuration file to write a budget into: keyhound serve --config FILE',
    }
  }
  try {
    checkApplicable(parsed, configFile ?? undefined)
    return { isApplicable: true, because: null }
  } catch (error) {
    return { isApplicable: false, because: (error as Error).message }
  }
}

/** A change, checked as one in a file is; throws 422 with everything that is wrong. */
function changeOf(value: unknown): ParsedChange {
  const result = parseChange(value)
  if (result.ok) return result.change
  const errors = result.problems.map(({ path, problem }) => ({ in: 'json', path: `change.${path}`, problem }))
  const said = result.problems.map(({ path, problem }) => (path === '' ? problem : `${path}: ${problem}`))
  throw new ProblemError(422, 'bad-input', said.join('; '), { errors })
}

function periodOf({ from, to }: { from?: string | null | undefined; to?: string | null | undefined }) {
  return { from: from == null ? null : Date.parse(from), to: to == null ? null : Date.parse(to) }
}

function summaryOf({ jobId, task, startedBy, startedAt, endedAt, status, progress, error, applied }: Job) {
  return {
    jobId,
    kind: task.kind,
    subject: subjectOf(task),
    startedBy,
    startedAt: momentOf(startedAt),
    endedAt: momentOrNull(endedAt),
    status,
    progress: progress && { ...progress },
    error,
    applied: applied && [...applied],
  }
}

function subjectOf(task: JobTask): string {
  if (task.kind === 'replay') return JSON.stringify(task.change)
  return task.kind === 'compare' ? `${task.champion} and ${task.challenger}` : task.model
}

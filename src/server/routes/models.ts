import { createRoute, z } from '@hono/zod-openapi'
import { listModels, showModel } from '../../pipeline/models.ts'
import { createRouter, guarded, OPERATE, problems, type Router } from '../access.ts'
import { PageQuery, pageOf, paginate } from '../pages.ts'
import type { Services } from '../services.ts'

const json = <T extends z.ZodType>(schema: T) => ({ 'application/json': { schema } })

const Listing = z
  .strictObject({
    model: z.string().openapi({ example: 'default@3' }),
    contentId: z.string(),
    createdAt: z.string(),
    from: z.string(),
    until: z.string(),
    windows: z.int().openapi({ description: 'token-hours trained on' }),
    tokens: z.int(),
    filter: z.enum(['yes', 'no']),
    isUsed: z.boolean().openapi({ description: 'the name alone means this version' }),
  })
  .openapi('ModelListing')

const Manifest = z
  .looseObject({
    formatVersion: z.literal(1),
    name: z.string(),
    version: z.int(),
    createdAt: z.string(),
    featureFingerprint: z.string(),
    contentId: z.string(),
    seed: z.int(),
    training: z.looseObject({
      from: z.string(),
      until: z.string(),
      days: z.int(),
      tokens: z.int(),
      windows: z.int(),
      fittedWindows: z.int(),
      excludedWindows: z.int(),
      heldWindows: z.int().optional(),
    }),
    clusters: z.looseObject({ count: z.int(), stability: z.number().nullable() }),
    filter: z.looseObject({
      trained: z.boolean(),
      because: z.string().optional().openapi({ description: 'why none was trained' }),
      alerts: z.int().optional().openapi({ description: 'labelled ones that it learned from' }),
      positives: z.int().optional(),
      recall: z.number().optional().openapi({ description: 'out of fold, as all its figures' }),
      precision: z.number().optional(),
      suppressed: z
        .number()
        .optional()
        .openapi({ description: 'share of the labelled alerts without misuse that it holds back' }),
      champion: z
        .looseObject({
          learner: z.enum(['score', 'alike', 'net']),
          wins: z.boolean(),
          unfiltered: z.number().openapi({ description: 'average precision by the score alone' }),
          filtered: z.number(),
        })
        .optional(),
    }),
    explanations: z
      .looseObject({
        hours: z.int(),
        stability: z.number().openapi({ description: 'of the top reasons under other seeds, 0-1' }),
      })
      .optional(),
    checksums: z.record(z.string(), z.string()),
  })
  .openapi('Manifest', { description: 'What a model version says of itself.' })

const list = createRoute({
  method: 'get',
  path: '/v1/models',
  tags: ['models'],
  summary: 'Model versions, newest first',
  ...guarded(OPERATE),
  request: { query: PageQuery },
  responses: { 200: { description: 'A page of models.', content: json(pageOf(Listing)) }, ...problems(422) },
})

const show = createRoute({
  method: 'get',
  path: '/v1/models/{model}',
  tags: ['models'],
  summary: 'The manifest of a model: name, name@version or content id',
  ...guarded(OPERATE),
  request: { params: z.object({ model: z.string().regex(/^[\w.-]+(@\d+)?$/) }) },
  responses: { 200: { description: 'The manifest.', content: json(Manifest) }, ...problems(404) },
})

export function modelRoutes({ workspace }: Services): Router {
  return createRouter()
    .openapi(list, async c => {
      const page = paginate(
        listModels(workspace),
        one => [-Date.parse(one.createdAt), one.model],
        c.req.valid('query'),
      )
      return c.json(page, 200)
    })
    .openapi(show, async c => {
      const manifest = showModel(workspace, c.req.valid('param').model)
      return c.json(manifest as unknown as z.infer<typeof Manifest>, 200)
    })
}

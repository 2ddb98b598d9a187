import { createApp, openApiDocument } from '../../src/server/app.ts'
import type { Services } from '../../src/server/services.ts'

/** The OpenAPI document without a workspace: routes are described by their schemas, and none is called. */
export function describeApi(): ReturnType<typeof openApiDocument> {
  const nothing = new Proxy({}, { get: () => nothing }) as unknown
  return openApiDocument(createApp(nothing as Services))
}

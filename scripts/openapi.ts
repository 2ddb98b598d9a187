import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describeApi } from './openapi/describe.ts'
import { typesOf } from './openapi/types.ts'

// Writes docs/openapi.json and src/server/api-types.ts from the routes; a test holds both against them.
const root = fileURLToPath(new URL('..', import.meta.url))
const document = describeApi()
const files = {
  [join('docs', 'openapi.json')]: JSON.stringify(document),
  [join('src', 'server', 'api-types.ts')]: typesOf(document),
}
for (const [file, text] of Object.entries(files)) writeFileSync(join(root, file), text)
// In the style of everything else, so that changes of a route read as such.
spawnSync(join(root, 'node_modules', '.bin', 'biome'), ['format', '--write', ...Object.keys(files)], {
  cwd: root,
  stdio: 'inherit',
})

import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import LeftOut from './left-out.ts'

export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  test: {
    // The page in a browser has a command of its own: `npm run test:e2e`.
    include: ['test/!(e2e)/**/*.test.ts', 'test/e2e/*.test.ts', 'test/*.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 180_000,
    globalSetup: ['test/built.ts'],
    // Modules are loaded once a worker, not once a file: a quarter of the time. No test may leave anything behind.
    isolate: false,
    maxWorkers: 2,
    reporters: ['default', new LeftOut()],
  },
})

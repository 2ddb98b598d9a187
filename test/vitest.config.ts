import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import LeftOut from './left-out.ts'

export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 180_000,
    maxWorkers: 2,
    reporters: ['default', new LeftOut()],
  },
})

import { defineConfig } from 'vitest/config'
import base from './vitest.config.ts'

/** `npm run test:e2e`: the page in a real Chromium, as people use it. */
export default defineConfig({ ...base, test: { ...base.test, include: ['test/e2e/page/**/*.test.ts'] } })

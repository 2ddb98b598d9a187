import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vite'

/** Builds this folder into dist/dashboard, from where `keyhound serve` serves it. */
export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  publicDir: false,
  logLevel: 'warn',
  build: {
    outDir: fileURLToPath(new URL('../../dist/dashboard', import.meta.url)),
    emptyOutDir: true,
    target: 'es2023',
    // light-dark() and nesting as they stand: browsers have both since early 2024.
    cssTarget: ['chrome123', 'firefox121', 'safari17.5'],
    // The content security policy lets no data: scripts or fonts in; every asset is a file of its own.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  // `npm run dev:page` beside a server on its usual port.
  server: { proxy: { '/v1': 'http://127.0.0.1:8787' } },
})

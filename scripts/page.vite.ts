import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vite'

const place = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url))

/** Builds src/dashboard into dist/dashboard, from where `keyhound serve` serves it; `npm run dev:page` beside a server on its usual port. */
export default defineConfig({
  root: place('src/dashboard'),
  publicDir: false,
  logLevel: 'warn',
  build: {
    outDir: place('dist/dashboard'),
    emptyOutDir: true,
    target: 'es2023',
    // light-dark() and nesting as they stand: browsers have both since early 2024.
    cssTarget: ['chrome123', 'firefox121', 'safari17.5'],
    // The content security policy lets no data: scripts or fonts in; every asset is a file of its own.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: { proxy: { '/v1': 'http://127.0.0.1:8787' } },
})

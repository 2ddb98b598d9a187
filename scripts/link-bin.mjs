// Makes `npx keyhound` work inside a checkout: npm links the commands of dependencies only, not the package's own.
import { chmodSync, mkdirSync, rmSync, symlinkSync } from 'node:fs'

const bin = new URL('../node_modules/.bin/', import.meta.url)
const link = new URL('keyhound', bin)
mkdirSync(bin, { recursive: true })
rmSync(link, { force: true })
chmodSync(new URL('../dist/cli/main.js', import.meta.url), 0o755)
if (process.platform !== 'win32') symlinkSync('../../dist/cli/main.js', link)

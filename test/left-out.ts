import type { Reporter, TestModule } from 'vitest/node'

/** Says at the end of a run which tests were left out for want of a server or a data set, and how to run them: titles say it. */
export default class LeftOut implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const counts = new Map<string, number>()
    for (const module of modules) {
      for (const test of module.children.allTests('skipped')) {
        const title = test.fullName.split(' > ').find(part => part.includes(': left out, '))
        if (title !== undefined) counts.set(title, (counts.get(title) ?? 0) + 1)
      }
    }
    for (const [title, tests] of counts) process.stdout.write(` ${tests} x ${title}\n`)
  }
}

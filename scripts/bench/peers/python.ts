import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { progress, pythonVersions, runChild } from '../lib.ts'

/** What the peers are measured with. */
const PINNED = { pandas: '3.1.1', 'scikit-learn': '1.9.1', numpy: '2.4.6' }

const MODULES = ['pandas', 'sklearn', 'numpy']

export interface PeerPython {
  /** The interpreter of an environment of its own. */
  readonly python: string
  /** Of Python and its modules. */
  readonly versions: Readonly<Record<string, string>>
}

/**
 * A Python with pandas and scikit-learn in an environment of its own below a folder: made if it is missing, with the pinned versions,
 * or the newest that the registry has where it lacks those. Undefined, and a line that says why, where it cannot be made.
 */
export async function peerPython(folder: string, base: string): Promise<PeerPython | undefined> {
  const home = join(folder, 'python')
  const python = join(home, 'bin', 'python')
  const known = await pythonVersions(python, MODULES)
  if (known !== undefined) return { python, versions: known }
  progress(`installing pandas and scikit-learn for the peer into ${home}`)
  const pinned = Object.entries(PINNED).map(([name, version]) => `${name}==${version}`)
  try {
    mkdirSync(folder, { recursive: true })
    await runChild(base, ['-m', 'venv', home])
    const install = (packages: readonly string[]) =>
      runChild(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...packages])
    await install(pinned).catch(() => {
      progress(`${pinned.join(', ')} are not to be had: the newest instead`)
      return install(Object.keys(PINNED))
    })
  } catch (error) {
    progress(
      `the peer is left out: ${error instanceof Error ? error.message : error}\nMake ${home} yourself (${base} -m venv; pip install ${pinned.join(' ')}), or name another interpreter with --python.`,
    )
    return undefined
  }
  const versions = await pythonVersions(python, MODULES)
  if (versions === undefined)
    progress(
      `the peer is left out: ${python} cannot import pandas and scikit-learn; remove ${home} to start anew`,
    )
  return versions && { python, versions }
}

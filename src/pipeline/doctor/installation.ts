import { createRequire } from 'node:module'
import { loadTensorFlow } from '../../filter/backend.ts'
import type { Check } from '../../schema/doctor.ts'
import { type DoctorContext, fail, ok, warn } from './check.ts'

/** As `engines` of package.json says. */
const LEAST_NODE = [20, 11] as const

const require = createRequire(import.meta.url)

export async function checkInstallation({ engine, env, config }: DoctorContext): Promise<Check[]> {
  const [row] = await engine.rows<{ version: string }>('SELECT version() AS version')
  return [
    checkNode(process.versions.node),
    ok('engine', `DuckDB ${row!.version} answers`),
    await checkTensorFlow(),
    checkOnnx(),
    ...checkSecrets(config, env),
  ]
}

export function checkNode(version: string): Check {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const isEnough = major > LEAST_NODE[0] || (major === LEAST_NODE[0] && minor >= LEAST_NODE[1])
  return isEnough
    ? ok('node', `Node ${version}`)
    : fail('node', `Node ${version} is older than ${LEAST_NODE.join('.')}`, null, 'install a newer Node')
}

/** What the filter is trained with; what is installed may still not load. */
async function checkTensorFlow(): Promise<Check> {
  const { backend } = await loadTensorFlow()
  if (backend !== 'cpu')
    return ok('optional', `filters are trained by TensorFlow.js on ${BACKENDS[backend] ?? backend}`)
  return warn(
    'optional',
    'filters are trained by TensorFlow.js in plain JavaScript, several times slower',
    null,
    'reinstall, so that its WebAssembly module is found: npm ci',
  )
}

const BACKENDS: Readonly<Record<string, string>> = {
  tensorflow: 'the native library (@tensorflow/tfjs-node)',
  wasm: 'WebAssembly (@tensorflow/tfjs-node would be native; it is optional)',
}

function checkOnnx(): Check {
  try {
    require.resolve('onnxruntime-node')
    return ok('optional', "onnxruntime-node is found: ONNX models of one's own can be used")
  } catch {
    return ok('optional', "onnxruntime-node is not there; only ONNX models of one's own need it")
  }
}

/** Environment variables that the configuration names for secrets. */
function checkSecrets(config: DoctorContext['config'], env: DoctorContext['env']): Check[] {
  const named = [
    ...config.sinks.map(one => ['sink', one.name, one] as const),
    ...config.adapters.map(one => ['adapter', one.name, one] as const),
  ].flatMap(([kind, name, one]) => variablesOf(one).map(variable => ({ owner: `${kind} ${name}`, variable })))
  if (named.length === 0) return []
  const missing = named.filter(({ variable }) => !env[variable])
  if (missing.length === 0) return [ok('secrets', 'every secret that sinks and adapters name is set')]
  return missing.map(({ owner, variable }) =>
    warn(
      'secrets',
      `${owner} has no secret: ${variable} is not set`,
      variable,
      `set ${variable} where Keyhound runs; here it may be set for the service only`,
    ),
  )
}

/** Values of fields that end in Env, however deep. */
function variablesOf(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, inner]) =>
    typeof inner === 'string' ? (/Env$/.test(name) ? [inner] : []) : variablesOf(inner),
  )
}

import { z } from 'zod'

/** What the column of such a model's evidence begins with, among the surprises and after `detector_` among the scores. */
export const OWN_PREFIX = 'onnx_'

/** Letters, digits and underscores: the name becomes part of a column's, `detector_onnx_<name>`. */
const NAME = /^[a-z][a-z0-9_]{0,39}$/

/** An ONNX model of the user's own as a detector: what it is called, how it is asked, what its word weighs. */
export const ownOnnxSchema = z.strictObject({
  name: z.string().regex(NAME, 'lower-case letters, digits and underscores, at most 40, a letter first'),
  /** File, absolute or from the workspace; training copies it into the model version. */
  path: z.string().min(1),
  /** Name of the graph's input, float32 (rows, features). Null: its only one. */
  input: z.string().min(1).nullable().default(null),
  /** Name of the graph's output, float (rows) or (rows, k), whose last column is the score. Null: its only one. */
  output: z.string().min(1).nullable().default(null),
  /** Features in the order that the model takes them. Null: those of our forest, as `keyhound models export` lists them. */
  features: z.array(z.string()).min(1).nullable().default(null),
  /** What the model is given for unknown values. Null: NaN, for models that know what to do with it. */
  missing: z.number().nullable().default(null),
  /** Whether higher outputs are more anomalous (worse), or lower ones, as with scikit-learn's decision_function (better). */
  higherIs: z.enum(['worse', 'better']).default('worse'),
  /**
   * Log-odds of misuse for each nat of surprise, and further for each beyond 4 nats. By default what the prior gives the permission
   * clusters, the only model whose output it weighs (src/risk/prior.ts): whether yours deserves it, `keyhound evaluate` tells.
   */
  perNat: z.number().min(0).max(2).default(0.172),
  beyondKnee: z.number().min(0).max(2).default(0.281),
})
export type OwnOnnx = z.output<typeof ownOnnxSchema>

import { type Field, floats, int, ints, join, message, text } from '../../../lib/protobuf.ts'
import type { Forest } from '../forest.ts'
import { plainTree, refuseCodes, scoreTransform } from './plain-tree.ts'

/** What goes into the file beside the trees: model_version and metadata_props. */
export interface OnnxDescription {
  /** @default 0 */
  readonly version?: number
  readonly metadata?: Readonly<Record<string, string>>
}

/** Names of the graph's one input and one output. */
export const ONNX_INPUT = 'features'
export const ONNX_OUTPUT = 'score'

/** onnx.proto: TensorProto.FLOAT; AttributeProto.FLOATS, INTS, STRINGS, INT, STRING. */
const FLOAT = 1
const ATTRIBUTE = { int: 2, string: 3, floats: 6, ints: 7, strings: 8 } as const

/** IR version 7 and operator sets 13 and 1, of 2020: read by every runtime since. */
const IR_VERSION = 7
const OPERATORS = 13
const ML_OPERATORS = 1

/**
 * The forest as an ONNX model (onnx.ai): input `features`, float32 (rows, cols) in the order of the forest's names, NaN =
 * missing; output `score`, float32 (rows, 1), the anomaly score of {@link scoreForest} within float32. One
 * TreeEnsembleRegressor of ai.onnx.ml sums the path lengths, c(n) of the leaves included; Mul, Add and Exp make the score.
 * Throws KeyhoundError 'bad-input' for a forest with categorical columns.
 */
export function forestToOnnx(
  forest: Forest,
  { version = 0, metadata = {} }: OnnxDescription = {},
): Uint8Array {
  refuseCodes(forest)
  const { rate, offset } = scoreTransform(forest)
  const graph = [
    node('TreeEnsembleRegressor', [ONNX_INPUT], 'path_lengths', treeAttributes(forest), 'ai.onnx.ml'),
    node('Mul', ['path_lengths', 'rate'], 'scaled'),
    node('Add', ['scaled', 'offset'], 'exponent'),
    node('Exp', ['exponent'], ONNX_OUTPUT),
    text(2, 'isolation_forest'),
    message(5, scalar('rate', rate)),
    message(5, scalar('offset', offset)),
    message(11, tensorInfo(ONNX_INPUT, forest.names.length)),
    message(12, tensorInfo(ONNX_OUTPUT, 1)),
  ]
  return join([
    int(1, IR_VERSION),
    text(2, 'keyhound'),
    int(5, version),
    message(7, graph),
    message(8, [text(1, ''), int(2, OPERATORS)]),
    message(8, [text(1, 'ai.onnx.ml'), int(2, ML_OPERATORS)]),
    ...Object.entries(metadata).map(([key, value]) => message(14, [text(1, key), text(2, value)])),
  ])
}

function node(
  operator: string,
  inputs: readonly string[],
  output: string,
  attributes: readonly Field[] = [],
  domain = '',
): Field {
  return message(1, [
    ...inputs.map(input => text(1, input)),
    text(2, output),
    text(3, output),
    text(4, operator),
    ...attributes,
    text(7, domain),
  ])
}

/** TensorProto of one float. */
function scalar(name: string, value: number): Field[] {
  return [int(2, FLOAT), floats(4, [value]), text(8, name)]
}

/** ValueInfoProto of a float table (N, cols). */
function tensorInfo(name: string, cols: number): Field[] {
  const shape = message(2, [message(1, [text(2, 'N')]), message(1, [int(1, cols)])])
  return [text(1, name), message(2, [message(1, [int(1, FLOAT), shape])])]
}

/** Attributes of the operator: one entry a node, one a leaf. */
function treeAttributes(forest: Forest): Field[] {
  const nodes = {
    treeids: [] as number[],
    nodeids: [] as number[],
    featureids: [] as number[],
    values: [] as number[],
    modes: [] as string[],
    truenodeids: [] as number[],
    falsenodeids: [] as number[],
    missing_value_tracks_true: [] as number[],
  }
  const leaves = {
    treeids: [] as number[],
    nodeids: [] as number[],
    ids: [] as number[],
    weights: [] as number[],
  }
  for (let tree = 0; tree < forest.trees; tree++) {
    plainTree(forest, tree).forEach((one, id) => {
      const split =
        one.kind === 'split' ? one : { column: 0, threshold: 0, right: 0, left: 0, missingRight: false }
      nodes.treeids.push(tree)
      nodes.nodeids.push(id)
      nodes.featureids.push(split.column)
      nodes.values.push(split.threshold)
      nodes.modes.push(one.kind === 'split' ? 'BRANCH_GTE' : 'LEAF')
      nodes.truenodeids.push(split.right)
      nodes.falsenodeids.push(split.left)
      nodes.missing_value_tracks_true.push(split.missingRight ? 1 : 0)
      if (one.kind === 'split') return
      leaves.treeids.push(tree)
      leaves.nodeids.push(id)
      leaves.ids.push(0)
      leaves.weights.push(one.pathLength)
    })
  }
  return [
    attribute('n_targets', ATTRIBUTE.int, int(3, 1)),
    attribute('aggregate_function', ATTRIBUTE.string, text(4, 'SUM')),
    attribute('post_transform', ATTRIBUTE.string, text(4, 'NONE')),
    ...Object.entries(nodes).map(([name, values]) => listAttribute(`nodes_${name}`, values)),
    ...Object.entries(leaves).map(([name, values]) => listAttribute(`target_${name}`, values)),
  ]
}

/** Attributes of the operator that are lists of float32; the other lists of numbers are of whole ones. */
const FLOAT_LISTS = ['nodes_values', 'target_weights']

function listAttribute(name: string, values: readonly number[] | readonly string[]): Field {
  if (typeof values[0] === 'string')
    return attribute(name, ATTRIBUTE.strings, ...values.map(value => text(9, String(value))))
  const numbers = values as readonly number[]
  return FLOAT_LISTS.includes(name)
    ? attribute(name, ATTRIBUTE.floats, floats(7, numbers))
    : attribute(name, ATTRIBUTE.ints, ints(8, numbers))
}

function attribute(name: string, type: number, ...value: Field[]): Field {
  return message(5, [text(1, name), ...value, int(20, type)])
}

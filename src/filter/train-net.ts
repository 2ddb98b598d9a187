import type { Rank, Scalar, Tensor, Variable } from '@tensorflow/tfjs-core'
import type { Sequential } from '@tensorflow/tfjs-layers'
import type { Random } from '../lib/random.ts'
import type { TensorFlow } from './backend.ts'
import type { DenseLayer } from './dense-net.ts'

export interface NetOptions {
  /** Units of the hidden layers. */
  readonly hidden: readonly number[]
  readonly epochs: number
  /** Adam's step. */
  readonly learningRate: number
  /** Weight of the sum of squared kernel weights in the loss. */
  readonly l2: number
  /** Share of the inputs hidden (set to 0, the centre) at random in each row of each batch. */
  readonly inputDropout: number
}

/** Rows to learn from: inputs (rows, inputs) row-major, labels 0 or 1, weights with mean 1. */
export interface TrainingRows {
  readonly inputs: Float32Array
  readonly width: number
  readonly labels: Float32Array
  readonly weights: Float32Array
  /** Log-odds known of each row beforehand: the net learns what they leave open. */
  readonly offsets: Float32Array
}

/** About this many steps an epoch, in batches of 32 to 512: the cost of a step hardly depends on its rows. */
const STEPS_PER_EPOCH = 8
const SMALLEST_BATCH = 32
const LARGEST_BATCH = 512
/** Keeps log(p) finite in float32. */
const TINY = 1e-7

/**
 * Trains dense nets, inputs -> hidden (relu) -> 1 (sigmoid), by weighted cross-entropy with Adam: one a random source, all on the same
 * rows, at once, since the cost of a step hardly depends on the nets either. All chance (first weights, order, dropout) comes from
 * `randoms`, none from TensorFlow.js, so a seed gives the same weights on one backend. Leaves no tensors.
 */
export function trainNets(
  { tf }: TensorFlow,
  rows: TrainingRows,
  options: NetOptions,
  randoms: readonly Random[],
): DenseLayer[][] {
  const first = randoms.map(random => firstLayers(rows.width, options.hidden, random.fork('weights')))
  const layers = first[0]!.map(
    (layer, l): Variables => ({
      layer,
      kernel: join(
        tf,
        first.map(net => net[l]!.kernel),
        [layer.inputs, layer.units],
      ),
      bias: join(
        tf,
        first.map(net => net[l]!.bias),
        [1, layer.units],
      ),
    }),
  )
  const variables = layers.flatMap(({ kernel, bias }) => [kernel, bias])
  const optimizer = tf.train.adam(options.learningRate)
  const n = rows.labels.length
  const batch = Math.min(LARGEST_BATCH, Math.max(SMALLEST_BATCH, Math.ceil(n / STEPS_PER_EPOCH)))
  const orders = randoms.map(() => Uint32Array.from({ length: n }, (_, r) => r))
  const chances = randoms.map(random => random.fork('batches'))
  for (let epoch = 0; epoch < options.epochs; epoch++) {
    for (const [m, order] of orders.entries()) chances[m]!.shuffle(order)
    for (let start = 0; start < n; start += batch) {
      const picked = orders.map(order => order.subarray(start, start + batch))
      const part = gather(rows, picked, options.inputDropout, chances)
      tf.tidy(() => {
        const shape: [number, number] = [picked.length, picked[0]!.length]
        const x = tf.tensor3d(part.inputs, [...shape, rows.width])
        const y = tf.tensor2d(part.labels, shape)
        const w = tf.tensor2d(part.weights, shape)
        const known = tf.exp(tf.tensor2d(part.offsets, shape))
        optimizer.minimize(
          () => {
            const own = tf.reshape(forward(tf, layers, x), shape)
            // The odds of the net times those known: p e / (p e + 1 - p).
            const hits = tf.mul(own, known)
            const p = tf.clipByValue(tf.div(hits, tf.add(hits, tf.sub(1, own))), TINY, 1 - TINY)
            const hit = tf.mul(y, tf.log(p))
            const miss = tf.mul(tf.sub(1, y), tf.log(tf.sub(1, p)))
            // Each net's own loss: what one learns moves no other.
            const entropy = tf.div(tf.neg(tf.sum(tf.mul(w, tf.add(hit, miss)))), shape[1])
            const decay = tf.addN(layers.map(({ kernel }) => tf.sum(tf.square(kernel))))
            return tf.add(entropy, tf.mul(decay, options.l2)) as Scalar
          },
          false,
          variables,
        )
      })
    }
  }
  const nets = netsOf(layers, randoms.length)
  optimizer.dispose()
  tf.dispose(variables)
  return nets
}

/** One layer of all nets: kernels (nets, inputs, units), biases (nets, 1, units). */
interface Variables {
  /** Its form. */
  readonly layer: DenseLayer
  readonly kernel: Variable<Rank.R3>
  readonly bias: Variable<Rank.R3>
}

/** Weights of equal shape, one net's after another's. */
function join(
  tf: TensorFlow['tf'],
  parts: readonly Float32Array[],
  shape: readonly [number, number],
): Variable<Rank.R3> {
  const { length } = parts[0]!
  const whole = new Float32Array(parts.length * length)
  parts.forEach((part, p) => {
    whole.set(part, p * length)
  })
  return tf.tidy(() => tf.variable(tf.tensor3d(whole, [parts.length, ...shape])))
}

/** Outputs (nets, rows, 1) of the inputs (nets, rows, width). */
function forward(tf: TensorFlow['tf'], layers: readonly Variables[], x: Tensor): Tensor {
  return layers.reduce((inputs, { layer, kernel, bias }) => {
    const sums = tf.add(tf.matMul(inputs, kernel), bias)
    return layer.activation === 'relu' ? tf.relu(sums) : tf.sigmoid(sums)
  }, x)
}

/** The weights of each net as plain layers. */
function netsOf(layers: readonly Variables[], count: number): DenseLayer[][] {
  const trained = layers.map(({ kernel, bias }) => [kernel.dataSync<'float32'>(), bias.dataSync<'float32'>()])
  return Array.from({ length: count }, (_, m) =>
    layers.map(({ layer }, l) => {
      const [kernel, bias] = trained[l]!.map(all =>
        all.slice((m * all.length) / count, ((m + 1) * all.length) / count),
      )
      return { ...layer, kernel: kernel!, bias: bias! }
    }),
  )
}

/** A layers model with the given weights. The caller disposes it. */
export function buildModel({ tf, layers }: TensorFlow, net: readonly DenseLayer[]): Sequential {
  const model = layers.sequential({ name: 'keyhound_filter' })
  net.forEach((layer, l) => {
    model.add(
      layers.layers.dense({
        name: `dense_${l + 1}`,
        units: layer.units,
        activation: layer.activation,
        kernelInitializer: 'zeros',
        ...(l === 0 && { inputShape: [layer.inputs] }),
      }),
    )
  })
  tf.tidy(() => {
    model.setWeights(
      net.flatMap(layer => [tf.tensor2d(layer.kernel, [layer.inputs, layer.units]), tf.tensor1d(layer.bias)]),
    )
  })
  return model
}

/** First weights: normal with variance 2 / inputs under relu (He et al. 2015), 1 / inputs before the sigmoid; biases 0. */
function firstLayers(width: number, hidden: readonly number[], random: Random): DenseLayer[] {
  const units = [...hidden, 1]
  return units.map((count, l) => {
    const inputs = l === 0 ? width : units[l - 1]!
    const last = l === units.length - 1
    const sd = Math.sqrt((last ? 1 : 2) / inputs)
    return {
      inputs,
      units: count,
      activation: last ? 'sigmoid' : 'relu',
      kernel: Float32Array.from({ length: inputs * count }, () => random.normal(0, sd)),
      bias: new Float32Array(count),
    }
  })
}

/** The picked rows of each net, one net's after another's. */
function gather(
  rows: TrainingRows,
  picked: readonly Uint32Array[],
  dropout: number,
  chances: readonly Random[],
) {
  const { width } = rows
  const size = picked[0]!.length
  const inputs = new Float32Array(picked.length * size * width)
  const labels = new Float32Array(picked.length * size)
  const weights = new Float32Array(picked.length * size)
  const offsets = new Float32Array(picked.length * size)
  picked.forEach((own, m) => {
    const chance = chances[m]!
    for (let i = 0; i < size; i++) {
      const r = own[i]!
      const to = m * size + i
      labels[to] = rows.labels[r]!
      weights[to] = rows.weights[r]!
      offsets[to] = rows.offsets[r]!
      for (let c = 0; c < width; c++)
        if (dropout === 0 || !chance.chance(dropout)) inputs[to * width + c] = rows.inputs[r * width + c]!
    }
  })
  return { inputs, labels, weights, offsets }
}

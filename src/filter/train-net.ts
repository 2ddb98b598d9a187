import type { Scalar, Tensor, Variable } from '@tensorflow/tfjs-core'
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
 * Trains a dense net, inputs -> hidden (relu) -> 1 (sigmoid), by weighted cross-entropy with Adam. All chance (first weights,
 * order, dropout) comes from `random`, none from TensorFlow.js, so a seed gives the same weights on one backend. Leaves no tensors.
 */
export function trainNet(
  tensorflow: TensorFlow,
  rows: TrainingRows,
  options: NetOptions,
  random: Random,
): DenseLayer[] {
  const { tf } = tensorflow
  const model = buildModel(tensorflow, firstLayers(rows.width, options.hidden, random.fork('weights')))
  const optimizer = tf.train.adam(options.learningRate)
  const variables = model.trainableWeights.map(weight => weight.read() as Variable)
  const kernels = variables.filter(variable => variable.rank === 2)
  const n = rows.labels.length
  const batch = Math.min(LARGEST_BATCH, Math.max(SMALLEST_BATCH, Math.ceil(n / STEPS_PER_EPOCH)))
  const order = Uint32Array.from({ length: n }, (_, r) => r)
  const chance = random.fork('batches')
  for (let epoch = 0; epoch < options.epochs; epoch++) {
    chance.shuffle(order)
    for (let start = 0; start < n; start += batch) {
      const part = gather(rows, order.subarray(start, start + batch), options.inputDropout, chance)
      tf.tidy(() => {
        const x = tf.tensor2d(part.inputs, [part.labels.length, rows.width])
        const y = tf.tensor1d(part.labels)
        const w = tf.tensor1d(part.weights)
        const known = tf.exp(tf.tensor1d(part.offsets))
        optimizer.minimize(
          () => {
            const own = tf.reshape(model.apply(x, { training: true }) as Tensor, [-1])
            // The odds of the net times those known: p e / (p e + 1 - p).
            const hits = tf.mul(own, known)
            const p = tf.clipByValue(tf.div(hits, tf.add(hits, tf.sub(1, own))), TINY, 1 - TINY)
            const hit = tf.mul(y, tf.log(p))
            const miss = tf.mul(tf.sub(1, y), tf.log(tf.sub(1, p)))
            const entropy = tf.neg(tf.mean(tf.mul(w, tf.add(hit, miss))))
            const decay = tf.addN(kernels.map(kernel => tf.sum(tf.square(kernel))))
            return tf.add(entropy, tf.mul(decay, options.l2)) as Scalar
          },
          false,
          variables,
        )
      })
    }
  }
  const trained = layersOf(model)
  optimizer.dispose()
  model.dispose()
  return trained
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

/** The weights of a dense model as plain layers. */
function layersOf(model: Sequential): DenseLayer[] {
  return model.layers.map((layer, l) => {
    const [kernel, bias] = layer.getWeights()
    const [inputs, units] = kernel!.shape as [number, number]
    return {
      inputs,
      units,
      activation: l === model.layers.length - 1 ? 'sigmoid' : 'relu',
      kernel: kernel!.dataSync<'float32'>().slice(),
      bias: bias!.dataSync<'float32'>().slice(),
    }
  })
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

function gather(rows: TrainingRows, picked: Uint32Array, dropout: number, random: Random) {
  const { width } = rows
  const inputs = new Float32Array(picked.length * width)
  const labels = new Float32Array(picked.length)
  const weights = new Float32Array(picked.length)
  const offsets = new Float32Array(picked.length)
  for (let b = 0; b < picked.length; b++) {
    const r = picked[b]!
    labels[b] = rows.labels[r]!
    weights[b] = rows.weights[r]!
    offsets[b] = rows.offsets[r]!
    for (let i = 0; i < width; i++)
      if (dropout === 0 || !random.chance(dropout)) inputs[b * width + i] = rows.inputs[r * width + i]!
  }
  return { inputs, labels, weights, offsets }
}

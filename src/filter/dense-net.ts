/** A fully connected layer. */
export interface DenseLayer {
  readonly inputs: number
  readonly units: number
  readonly activation: 'relu' | 'sigmoid'
  /** (inputs, units), row-major, as TensorFlow.js keeps it. */
  readonly kernel: Float32Array
  /** Length units. */
  readonly bias: Float32Array
}

/**
 * Logits of a net that ends in one sigmoid unit, before that sigmoid; inputs (rows, inputs) row-major. Plain loops: one row
 * costs microseconds where TensorFlow.js takes 60-100, and the same to 1e-6 (it sums in float32, this in float64).
 */
export function netLogits(layers: readonly DenseLayer[], inputs: Float32Array, rows: number): Float64Array {
  const out = new Float64Array(rows)
  const widest = Math.max(layers[0]!.inputs, ...layers.map(layer => layer.units))
  let here = new Float64Array(widest)
  let next = new Float64Array(widest)
  const width = layers[0]!.inputs
  for (let r = 0; r < rows; r++) {
    for (let i = 0; i < width; i++) here[i] = inputs[r * width + i]!
    for (const layer of layers) {
      forward(layer, here, next)
      ;[here, next] = [next, here]
    }
    out[r] = here[0]!
  }
  return out
}

/** Weighted sums of one layer; negative ones become 0 under relu, sigmoid is left to the caller. */
function forward(
  { inputs, units, kernel, bias, activation }: DenseLayer,
  from: Float64Array,
  to: Float64Array,
): void {
  for (let u = 0; u < units; u++) to[u] = bias[u]!
  for (let i = 0; i < inputs; i++) {
    const value = from[i]!
    if (value === 0) continue
    const row = i * units
    for (let u = 0; u < units; u++) to[u] = to[u]! + value * kernel[row + u]!
  }
  if (activation === 'relu') for (let u = 0; u < units; u++) if (to[u]! < 0) to[u] = 0
}

/**
 * One net that says the mean of the logits of several of equal shape: hidden units side by side, later kernels in blocks, the last
 * layer's weights divided by their number.
 */
export function mergeNets(nets: readonly (readonly DenseLayer[])[]): DenseLayer[] {
  const count = nets.length
  return nets[0]!.map((shape, l) => {
    const parts = nets.map(net => net[l]!)
    const isFirst = l === 0
    const isLast = l === nets[0]!.length - 1
    const inputs = isFirst ? shape.inputs : shape.inputs * count
    const units = isLast ? shape.units : shape.units * count
    const kernel = new Float32Array(inputs * units)
    const bias = new Float32Array(units)
    parts.forEach((part, p) => {
      const [fromInput, fromUnit] = [isFirst ? 0 : p * shape.inputs, isLast ? 0 : p * shape.units]
      const share = isLast ? 1 / count : 1
      for (let u = 0; u < shape.units; u++) bias[fromUnit + u] = bias[fromUnit + u]! + share * part.bias[u]!
      for (let i = 0; i < shape.inputs; i++)
        for (let u = 0; u < shape.units; u++) {
          const at = (fromInput + i) * units + fromUnit + u
          kernel[at] = kernel[at]! + share * part.kernel[i * shape.units + u]!
        }
    })
    return { inputs, units, activation: shape.activation, kernel, bias }
  })
}

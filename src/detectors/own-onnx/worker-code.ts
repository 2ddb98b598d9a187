/** State of the shared control word while the thread works on a block; 0 when it is done. */
export const WORKING = 1

/**
 * What the thread runs, as text: a file of its own would have to be found beside the source and beside what is built from it.
 * It tries the model on one row of zeros, answers {input, output} or {because}, and then works off a block a message.
 */
export const WORKER_CODE = `
const { parentPort, workerData } = require('node:worker_threads')
const { address, bytes, width, control, rows, results, failure } = workerData
let { input, output } = workerData

function only(kind, names, wanted) {
  if (wanted != null && !names.includes(wanted)) throw new Error('it has no ' + kind + ' "' + wanted + '"; there are: ' + names.join(', '))
  if (wanted == null && names.length !== 1) throw new Error('say which ' + kind + ' to use: ' + names.join(', '))
  return wanted ?? names[0]
}

async function open() {
  const loaded = await import(address)
  const ort = loaded.InferenceSession ? loaded : loaded.default
  if (ort.env && ort.env.wasm) ort.env.wasm.numThreads = 1
  const session = await ort.InferenceSession.create(bytes, { intraOpNumThreads: 1, interOpNumThreads: 1 })
  input = only('input', session.inputNames, input)
  output = only('output', session.outputNames, output)
  const score = async row => {
    const found = (await session.run({ [input]: new ort.Tensor('float32', row, [1, width]) }, [output]))[output]
    const data = found.data
    if (!(data instanceof Float32Array || data instanceof Float64Array) || data.length === 0)
      throw new Error('output "' + output + '" is ' + found.type + ' of shape [' + found.dims.join(', ') + ']; needed: float numbers, the last of which is the score')
    return data[data.length - 1]
  }
  await score(new Float32Array(width))
  return score
}

open().then(
  score => {
    parentPort.on('message', async count => {
      let length = 0
      try {
        for (let r = 0; r < count; r++) results[r] = await score(rows.slice(r * width, (r + 1) * width))
      } catch (error) {
        const text = new TextEncoder().encode(String((error && error.message) || error)).subarray(0, failure.length)
        failure.set(text)
        length = text.length
      }
      Atomics.store(control, 1, length)
      Atomics.store(control, 0, 0)
      Atomics.notify(control, 0)
    })
    parentPort.postMessage({ input, output })
  },
  error => parentPort.postMessage({ because: String((error && error.message) || error) + ' (given: rows of ' + width + ' numbers)' }),
)
`

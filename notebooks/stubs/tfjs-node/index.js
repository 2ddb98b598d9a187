// danfojs-node asks for the native TensorFlow, whose install script downloads from a host that many networks do not reach; of it, it
// uses tensors. These are the same, in JavaScript.
require('@tensorflow/tfjs-backend-cpu')
module.exports = { ...require('@tensorflow/tfjs-core'), ...require('@tensorflow/tfjs-layers') }

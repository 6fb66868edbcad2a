// Softmax over the rows of a [512, 512] matrix.
import { scope, softmax, tensor } from 'adjoint'
import type { Case } from '../../harness/api.js'
import { numbers } from '../../harness/numbers.js'
import { jaxjs, making as onJax } from '../../peers/jax.js'
import { making } from '../../peers/ours.js'
import { making as onTfjs, tfjs } from '../../peers/tfjs.js'

const n = 512
const x = numbers(1, n * n)

export const softmaxRows: Case = {
  name: 'softmax-512',
  ours: () => {
    const a = tensor(x, { shape: [n, n] })
    return making(() => scope(() => softmax(a, 1)))
  },
  peers: {
    ...tfjs((tf) => {
      const a = tf.tensor2d(x, [n, n])
      return onTfjs(() => tf.softmax(a))
    }),
    ...jaxjs(({ nn, numpy }) => {
      const a = numpy.array(x, { shape: [n, n] })
      return onJax(() => nn.softmax(a.ref, 1))
    }),
  },
}

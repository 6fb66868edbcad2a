// Sum of a million numbers.
import { tensor } from 'adjoint'
import type { Case } from '../../harness/api.js'
import { numbers } from '../../harness/numbers.js'
import { jaxjs, making as onJax } from '../../peers/jax.js'
import { making } from '../../peers/ours.js'
import { numpyScript } from '../../peers/python.js'
import { making as onTfjs, tfjs } from '../../peers/tfjs.js'

const size = 2 ** 20
const x = numbers(1, size).map(Math.abs)

export const sumAll: Case = {
  name: 'sum-1m',
  tolerance: 1e-3,
  work: { bytes: 4 * size },
  ours: () => {
    const a = tensor(x)
    return making(() => a.sum())
  },
  peers: {
    ...tfjs((tf) => {
      const a = tf.tensor1d(x)
      return onTfjs(() => tf.sum(a))
    }),
    ...jaxjs(({ numpy }) => {
      const a = numpy.array(x)
      return onJax(() => numpy.sum(a.ref))
    }),
    ...numpyScript({ file: 'suites/core/arrays.py', setup: 'total', inputs: { x: { data: x, shape: [size] } } }),
  },
}

// Element-wise addition: small vectors show the cost of one call, large ones the speed of memory.
import { wrap } from 'adjoint'
import type { Case } from '../../harness/api.js'
import { numbers } from '../../harness/numbers.js'
import { jaxjs, making as onJax } from '../../peers/jax.js'
import { making } from '../../peers/ours.js'
import { making as onTfjs, tfjs } from '../../peers/tfjs.js'

export function add(name: string, size: number): Case {
  const [x, y] = [numbers(1, size), numbers(2, size)]
  return {
    name,
    ours: () => {
      const [a, b] = [wrap(x, [size]), wrap(y, [size])]
      return making(() => a.add(b))
    },
    peers: {
      ...tfjs((tf) => {
        const [a, b] = [tf.tensor1d(x), tf.tensor1d(y)]
        return onTfjs(() => tf.add(a, b))
      }),
      ...jaxjs(({ numpy }) => {
        const [a, b] = [numpy.array(x), numpy.array(y)]
        return onJax(() => a.ref.add(b.ref))
      }),
    },
  }
}

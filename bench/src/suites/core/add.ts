// Element-wise addition: small vectors show the cost of one call, large ones the speed of memory.
import { tensor } from 'adjoint'
import type { Case } from '../../harness/api.js'
import { numbers } from '../../harness/numbers.js'
import { jaxjs, making as onJax } from '../../peers/jax.js'
import { dropping, making } from '../../peers/ours.js'
import { making as onTfjs, tfjs } from '../../peers/tfjs.js'

/** `kept`: our result is left to the garbage collector. */
export function add(name: string, size: number, kept: 'freed' | 'dropped' = 'freed'): Case {
  const [x, y] = [numbers(1, size), numbers(2, size)]
  return {
    name,
    ours: () => {
      const [a, b] = [tensor(x), tensor(y)]
      return kept === 'freed' ? making(() => a.add(b)) : dropping(() => a.add(b))
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

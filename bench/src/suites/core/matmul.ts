// Product of two square float32 matrices.
import { wrap } from 'adjoint'
import type { Case } from '../../harness/api.js'
import { numbers } from '../../harness/numbers.js'
import { jaxjs, making as onJax } from '../../peers/jax.js'
import { making } from '../../peers/ours.js'
import { making as onTfjs, tfjs } from '../../peers/tfjs.js'

export function matmul(n: number): Case {
  const [x, y] = [numbers(1, n * n), numbers(2, n * n)]
  return {
    name: `matmul-${n}`,
    ours: () => {
      const [a, b] = [wrap(x, [n, n]), wrap(y, [n, n])]
      return making(() => a.matmul(b))
    },
    peers: {
      ...tfjs((tf) => {
        const [a, b] = [tf.tensor2d(x, [n, n]), tf.tensor2d(y, [n, n])]
        return onTfjs(() => tf.matMul(a, b))
      }),
      ...jaxjs(({ numpy }) => {
        const [a, b] = [numpy.array(x, { shape: [n, n] }), numpy.array(y, { shape: [n, n] })]
        return onJax(() => numpy.matmul(a.ref, b.ref))
      }),
    },
  }
}

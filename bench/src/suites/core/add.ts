// Element-wise addition: small vectors show the cost of one call, large ones the speed of memory.
import { jit, type Tensor, tensor } from 'adjoint'
import type { Case } from '../../harness/api.js'
import { numbers } from '../../harness/numbers.js'
import { jaxjs, making as onJax } from '../../peers/jax.js'
import { dropping, making } from '../../peers/ours.js'
import { numpyScript } from '../../peers/python.js'
import { making as onTfjs, tfjs } from '../../peers/tfjs.js'

/** Ours: its result is freed at once, left to the garbage collector, or made by a compiled function and freed. */
type Mode = 'freed' | 'dropped' | 'compiled'

export function add(name: string, size: number, mode: Mode = 'freed'): Case {
  const [x, y] = [numbers(1, size), numbers(2, size)]
  return {
    name,
    ...(size > 1000 && { work: { bytes: 12 * size } }),
    ours: () => {
      const [a, b] = [tensor(x), tensor(y)]
      const compiled = jit((c: Tensor, d: Tensor) => c.add(d))
      if (mode === 'compiled') return making(() => compiled(a, b))
      return mode === 'freed' ? making(() => a.add(b)) : dropping(() => a.add(b))
    },
    peers: {
      ...tfjs((tf) => {
        const [a, b] = [tf.tensor1d(x), tf.tensor1d(y)]
        return onTfjs(() => tf.add(a, b))
      }),
      ...jaxjs(({ jit: jaxJit, numpy }) => {
        const [a, b] = [numpy.array(x), numpy.array(y)]
        const compiled = jaxJit(numpy.add)
        return onJax(() => (mode === 'compiled' ? compiled(a.ref, b.ref) : a.ref.add(b.ref)))
      }),
      ...numpyScript({
        file: 'suites/core/arrays.py',
        setup: 'add',
        inputs: { a: { data: x, shape: [size] }, b: { data: y, shape: [size] } },
      }),
    },
  }
}

// Gradient of a scalar function of a hundred operations, compiled where the library can.
import { grad, jit, type Tensor, tensor } from 'adjoint'
import type { Case } from '../../harness/api.js'
import { jaxjs, making as onJax } from '../../peers/jax.js'
import { making } from '../../peers/ours.js'
import { numpyScript } from '../../peers/python.js'
import { making as onTfjs, tfjs } from '../../peers/tfjs.js'

const rounds = 25

/** The same hundred operations on any library: four in each round. */
function chain<T>(x: T, round: (value: T) => T): T {
  let value = x
  for (let i = 0; i < rounds; i++) value = round(value)
  return value
}

export const scalarGrad: Case = {
  name: 'grad-100-ops',
  tolerance: 1e-3,
  ours: () => {
    const slope = jit(grad((x: Tensor) => chain(x, (v) => v.mul(1.01).tanh().add(0.1).sin())))
    const x = tensor(0.5)
    return making(() => slope(x))
  },
  peers: {
    ...tfjs((tf) => {
      const slope = tf.grad((x) => chain(x, (v) => tf.sin(tf.add(tf.tanh(tf.mul(v, 1.01)), 0.1))))
      const x = tf.scalar(0.5)
      return onTfjs(() => slope(x))
    }),
    ...jaxjs(({ grad: jaxGrad, jit: jaxJit, numpy }) => {
      type Value = InstanceType<typeof numpy.Array>
      const round = (v: Value) => numpy.sin(numpy.tanh(v.mul(1.01)).add(0.1))
      const slope = jaxJit(jaxGrad((x: Value) => chain(x, round)))
      const x = numpy.array(0.5)
      return onJax(() => slope(x.ref))
    }),
    ...numpyScript({ file: 'suites/core/arrays.py', setup: 'scalar_grad', inputs: { x: 0.5, rounds } }),
  },
}

// A hundred of Sinkhorn's iterations from a table of costs to the plan: on scalings as they are, stabilised, and on logarithms.
import { type SinkhornMethod, type SinkhornOptions, sinkhorn } from '@adjoint/ot'
import { jit, type Tensor, wrap } from 'adjoint'
import type { Case } from '../../harness/api.js'
import { jaxjs, making as jaxMaking } from '../../peers/jax.js'
import { making } from '../../peers/ours.js'
import { python } from '../../peers/python.js'
import { making as onTfjs, tfjs } from '../../peers/tfjs.js'
import { meanOf, squaredDistances } from './inputs.js'

const iterations = 100

/** All iterations and nothing else: no stages, no Newton steps, no end before. */
function planOf(epsilon: number, method: SinkhornMethod): (cost: Tensor) => Tensor {
  const options: SinkhornOptions = {
    method,
    epsilon,
    epsilonScale: 'absolute',
    maxIterations: iterations,
    tolerance: 1e-30,
    schedule: false,
    newton: false,
  }
  return jit((cost: Tensor) => sinkhorn(cost, options).plan.toDense())
}

/** On scalings, or, by `method`, on what a smaller epsilon needs. */
export function entropic(n: number, method: Exclude<SinkhornMethod, 'auto'>): Case {
  const data = squaredDistances(n)
  const plain = method === 'scaling'
  const epsilon = (plain ? 0.05 : 0.01) * meanOf(data)
  const cost = wrap(data, [n, n])
  const inputs = { cost: { data, shape: [n, n] }, epsilon, iterations }
  const [name, setup] = plain ? ['sinkhorn', 'sinkhorn'] : ['sinkhorn-log', 'sinkhorn_log']
  return {
    name: `sinkhorn-${method}-${n}`,
    tolerance: 1e-9,
    ours: () => {
      const plan = planOf(epsilon, method)
      return making(() => plan(cost))
    },
    peers: {
      ...python(`numpy-${name}`, { file: 'suites/ot/sinkhorn.py', setup, inputs }),
      ...python(`pot-${name}`, { file: 'suites/ot/pot.py', setup, inputs }),
    },
  }
}

/** On scalings in float32, to the libraries in JavaScript. */
export function entropicSingle(n: number): Case {
  const table = squaredDistances(n)
  const epsilon = 0.05 * meanOf(table)
  const data = Float32Array.from(table)
  return {
    name: `sinkhorn-scaling-${n}-float32`,
    tolerance: 1e-3,
    ours: () => {
      const [plan, cost] = [planOf(epsilon, 'scaling'), wrap(data, [n, n])]
      return making(() => plan(cost))
    },
    peers: { ...onTensorflow(data, n, epsilon), ...onJax(data, n, epsilon) },
  }
}

function onTensorflow(data: Float32Array, n: number, epsilon: number) {
  return tfjs((tf) => {
    const cost = tf.tensor2d(data, [n, n])
    const iterated = () => {
      const kernel = tf.exp(tf.div(cost, -epsilon))
      let [u, v] = [tf.ones([n, 1]), tf.fill([n, 1], 1 / n)]
      for (let k = 0; k < iterations; k++) {
        u = tf.div(1 / n, tf.matMul(kernel, v))
        v = tf.div(1 / n, tf.matMul(kernel, u, true))
      }
      return tf.mul(tf.mul(u, kernel), tf.reshape(v, [1, n]))
    }
    return onTfjs(() => tf.tidy(iterated))
  })
}

function onJax(data: Float32Array<ArrayBuffer>, n: number, epsilon: number) {
  return jaxjs(({ numpy: np, jit: compile }) => {
    type Vector = ReturnType<typeof np.array>
    const cost = np.array(data, { shape: [n, n] })
    const kernelOf = compile((c: Vector) => np.exp(c.mul(-1 / epsilon)))
    const scaled = compile((kernel: Vector, w: Vector) => np.reciprocal(np.matmul(kernel, w)).mul(1 / n))
    const planned = compile((kernel: Vector, u: Vector, v: Vector) =>
      kernel.mul(u.reshape([n, 1])).mul(v.reshape([1, n])),
    )
    const make = () => {
      const kernel = kernelOf(cost.ref)
      let [u, v] = [np.ones([n]), np.ones([n]).mul(1 / n)]
      for (let k = 0; k < iterations; k++) {
        u.dispose()
        u = scaled(kernel.ref, v)
        v = scaled(np.transpose(kernel.ref), u.ref)
      }
      return planned(kernel, u, v)
    }
    return jaxMaking(make)
  })
}

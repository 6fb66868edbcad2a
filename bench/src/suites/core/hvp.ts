// The Hessian of the network's loss times a direction, compiled where the library can.
// tfjs does not differentiate its exp twice.

import { hvp, jit, type Tensor } from 'adjoint'
import type { Case } from '../../harness/api.js'
import { jaxjs } from '../../peers/jax.js'
import { numpyScript } from '../../peers/python.js'
import {
  each,
  type JaxValue,
  jaxLoss,
  loss,
  network,
  ours,
  scriptInputs,
  type Values,
  type Weights,
  weights,
} from './network.js'
import { products } from './train-step.js'

const [inside, hidden, batch] = [784, 256, 128]
const net = network(inside, hidden, batch)
const direction = weights(inside, hidden, 5, 1)

const onJax = jaxjs((jax) => {
  const loss = jaxLoss(jax)
  const make = ({ data, shape }: Values) => jax.numpy.array(data, { shape })
  const [point, along] = [each(net.weights, make), each(direction, make)]
  const [x, y] = [make(net.x), make(net.y)]
  const product = jax.jit((at: Weights<JaxValue>, by: Weights<JaxValue>, inputs: JaxValue, labels: JaxValue) => {
    const slope = (w: Weights<JaxValue>) => jax.grad((v: Weights<JaxValue>) => loss(v, inputs, labels))(w)
    return jax.jvp(slope, [at], [by])[1] as Weights<JaxValue>
  })
  const run = () => product(jax.tree.ref(point), jax.tree.ref(along), x.ref, y.ref)
  return {
    step: async () => {
      const made = run()
      await jax.blockUntilReady(made)
      jax.tree.dispose(made)
    },
    result: () => run().w1.data(),
  }
})

export const hessianProduct: Case = {
  name: 'hvp-784',
  tolerance: 1e-3,
  work: { flop: products(inside, hidden, batch, { first: 3, second: 7 }), dtype: 'float32' },
  ours: () => {
    const [point, along] = [each(net.weights, ours), each(direction, ours)]
    const [x, y] = [ours(net.x), ours(net.y)]
    const product = jit((at: Weights<Tensor>, by: Weights<Tensor>, inputs: Tensor, labels: Tensor) =>
      hvp((w: Weights<Tensor>) => loss(w, inputs, labels), at, by),
    )
    return { step: () => product(point, along, x, y), result: () => product(point, along, x, y).w1.data() }
  },
  peers: {
    ...onJax,
    ...numpyScript({
      file: 'suites/core/network.py',
      setup: 'hvp',
      inputs: {
        ...scriptInputs(net),
        ...Object.fromEntries(Object.entries(direction).map(([name, values]) => [`v_${name}`, values])),
      },
    }),
  },
}

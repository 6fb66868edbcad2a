// One step of gradient descent for a network with one hidden layer, compiled where the library can.
import { grad, jit, type Tensor, tree } from 'adjoint'
import type { Case, Program } from '../../harness/api.js'
import { jaxjs } from '../../peers/jax.js'
import { numpyScript } from '../../peers/python.js'
import { tfjs } from '../../peers/tfjs.js'
import {
  each,
  type JaxValue,
  jaxLoss,
  loss,
  type Network,
  network,
  ours,
  scriptInputs,
  tfjsLoss,
  type Weights,
} from './network.js'

const rate = 0.1

/** Our steps, each from the weights that the one before made; these may be donated to it. */
export function training({ weights, x, y }: Network, old: 'donated' | 'dropped'): Program {
  const descend = (params: Weights<Tensor>, inputs: Tensor, labels: Tensor) =>
    tree.map((p: Tensor, g: Tensor) => p.sub(g.mul(rate)), params, grad(loss)(params, inputs, labels))
  const update = jit(descend, { donate: old === 'donated' ? [0] : [] })
  const [inputs, labels] = [ours(x), ours(y)]
  let params = each(weights, ours)
  return {
    step: () => {
      params = update(params, inputs, labels)
    },
    result: () => update(each(weights, ours), inputs, labels).w1.data(),
  }
}

const onTfjs = ({ weights, x, y }: Network) =>
  tfjs((tf) => {
    const initial = Object.values(weights).map(({ data, shape }) => tf.tensor(data, shape))
    const [inputs, labels] = [tf.tensor(x.data, x.shape), tf.tensor(y.data, y.shape)]
    const slopes = tf.grads((...params) => tfjsLoss(tf, params, inputs, labels))
    const update = (params: typeof initial) =>
      tf.tidy(() => {
        const gradients = slopes(params)
        return params.map((p, i) => tf.sub(p, tf.mul(gradients[i], rate)))
      })
    let params = initial.map((p) => p.clone())
    return {
      step: () => {
        const next = update(params)
        tf.dispose(params)
        params = next
      },
      result: () => update(initial)[0].data(),
    }
  })

const onJax = ({ weights, x, y }: Network) =>
  jaxjs((jax) => {
    const loss = jaxLoss(jax)
    const update = jax.jit((params: Weights<JaxValue>, inputs: JaxValue, labels: JaxValue) => {
      const slopes = jax.grad(loss)(jax.tree.ref(params), inputs, labels)
      return jax.tree.map((p: JaxValue, g: JaxValue) => p.sub(g.mul(rate)), params, slopes) as Weights<JaxValue>
    })
    const initial = each(weights, ({ data, shape }) => jax.numpy.array(data, { shape }))
    const [inputs, labels] = [x, y].map(({ data, shape }) => jax.numpy.array(data, { shape }))
    let params = jax.tree.ref(initial)
    return {
      step: async () => {
        params = update(params, inputs.ref, labels.ref)
        await jax.blockUntilReady(params)
      },
      result: () => update(jax.tree.ref(initial), inputs.ref, labels.ref).w1.data(),
    }
  })

/** A network `inside`-`hidden`-10 on a batch. */
export function trainStep(name: string, inside: number, hidden: number, batch: number): Case {
  const net = network(inside, hidden, batch)
  return {
    name,
    tolerance: 1e-3,
    work: { flop: products(inside, hidden, batch, { first: 2, second: 3 }), dtype: 'float32' },
    ours: () => training(net, 'dropped'),
    peers: {
      ...onTfjs(net),
      ...onJax(net),
      ...numpyScript({
        file: 'suites/core/network.py',
        setup: 'train_step',
        inputs: { ...scriptInputs(net), rate },
      }),
    },
  }
}

/** What products with the two layers' weights take. */
export function products(
  inside: number,
  hidden: number,
  batch: number,
  times: { first: number; second: number },
): number {
  return 2 * batch * hidden * (times.first * inside + times.second * 10)
}

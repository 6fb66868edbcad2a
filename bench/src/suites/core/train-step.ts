// One step of gradient descent for a 64-128-10 network on a batch of 64, compiled where the library can.
import { grad, jit, logSoftmax, type Tensor, tree, wrap } from 'adjoint'
import type { Case } from '../../harness/api.js'
import { numbers } from '../../harness/numbers.js'
import { jaxjs } from '../../peers/jax.js'
import { tfjs } from '../../peers/tfjs.js'

const batch = 64
const rate = 0.1
const shapes = { w1: [64, 128], b1: [128], w2: [128, 10], b2: [10] }
const start = {
  w1: numbers(1, 64 * 128).map((v) => v * 0.2),
  b1: new Float32Array(128),
  w2: numbers(2, 128 * 10).map((v) => v * 0.2),
  b2: new Float32Array(10),
}
const inputs = numbers(3, batch * 64)
const labels = Float32Array.from({ length: batch * 10 }, (_, i) => (i % 10 === Math.floor(i / 10) % 10 ? 1 : 0))

function ours() {
  type Params = Record<keyof typeof start, Tensor>
  const loss = ({ w1, b1, w2, b2 }: Params, x: Tensor, y: Tensor) => {
    const logits = x.matmul(w1).add(b1).relu().matmul(w2).add(b2)
    return logSoftmax(logits, 1).mul(y).sum().div(-batch)
  }
  const update = jit((params: Params, x: Tensor, y: Tensor) =>
    tree.map((p: Tensor, g: Tensor) => p.sub(g.mul(rate)), params, grad(loss)(params, x, y)),
  )
  const initial: Params = {
    w1: wrap(start.w1, shapes.w1),
    b1: wrap(start.b1, shapes.b1),
    w2: wrap(start.w2, shapes.w2),
    b2: wrap(start.b2, shapes.b2),
  }
  const [x, y] = [wrap(inputs, [batch, 64]), wrap(labels, [batch, 10])]
  let params = initial
  return {
    step: () => {
      params = update(params, x, y)
    },
    result: () => update(initial, x, y).w1.data(),
  }
}

const onTfjs = tfjs((tf) => {
  const initial = [
    tf.tensor2d(start.w1, [64, 128]),
    tf.tensor1d(start.b1),
    tf.tensor2d(start.w2, [128, 10]),
    tf.tensor1d(start.b2),
  ]
  const [x, y] = [tf.tensor2d(inputs, [batch, 64]), tf.tensor2d(labels, [batch, 10])]
  const slopes = tf.grads((...[w1, b1, w2, b2]) => {
    const logits = tf.add(tf.matMul(tf.relu(tf.add(tf.matMul(x, w1), b1)), w2), b2)
    return tf.div(tf.sum(tf.mul(tf.logSoftmax(logits), y)), -batch)
  })
  const update = (params: typeof initial) =>
    tf.tidy(() => {
      const gradients = slopes(params)
      return params.map((p, i) => tf.sub(p, tf.mul(gradients[i], rate)))
    }) as typeof initial
  let params = initial.map((p) => p.clone()) as typeof initial
  return {
    step: () => {
      const next = update(params)
      tf.dispose(params)
      params = next
    },
    result: () => update(initial)[0].data(),
  }
})

const onJax = jaxjs(({ blockUntilReady, grad: jaxGrad, jit: jaxJit, nn, numpy, tree: trees }) => {
  type Value = InstanceType<typeof numpy.Array>
  type Params = { w1: Value; b1: Value; w2: Value; b2: Value }
  const loss = ({ w1, b1, w2, b2 }: Params, x: Value, y: Value) => {
    const logits = numpy.matmul(nn.relu(numpy.matmul(x, w1).add(b1)), w2).add(b2)
    return numpy.sum(nn.logSoftmax(logits, 1).mul(y)).mul(-1 / batch)
  }
  const update = jaxJit((params: Params, x: Value, y: Value) => {
    const slopes = jaxGrad(loss)(trees.ref(params), x, y)
    return trees.map((p: Value, g: Value) => p.sub(g.mul(rate)), params, slopes) as Params
  })
  const made = (values: Float32Array, shape: number[]): Value => numpy.array(values, { shape })
  const initial = {
    w1: made(start.w1, shapes.w1),
    b1: made(start.b1, shapes.b1),
    w2: made(start.w2, shapes.w2),
    b2: made(start.b2, shapes.b2),
  }
  const [x, y] = [made(inputs, [batch, 64]), made(labels, [batch, 10])]
  let params = trees.ref(initial)
  return {
    step: async () => {
      params = update(params, x.ref, y.ref)
      await blockUntilReady(params)
    },
    result: () => update(trees.ref(initial), x.ref, y.ref).w1.data(),
  }
})

export const trainStep: Case = { name: 'train-step', tolerance: 1e-3, ours, peers: { ...onTfjs, ...onJax } }

// One step of gradient descent for a network with one hidden layer, compiled where the library can.
import { grad, jit, logSoftmax, type Tensor, tensor, tree } from 'adjoint'
import type { Case } from '../../harness/api.js'
import { numbers } from '../../harness/numbers.js'
import { jaxjs } from '../../peers/jax.js'
import { tfjs } from '../../peers/tfjs.js'

const rate = 0.1

/** A network `inside`-`hidden`-10 on a batch. */
export function trainStep(name: string, inside: number, hidden: number, batch: number): Case {
  const shapes = { w1: [inside, hidden], b1: [hidden], w2: [hidden, 10], b2: [10] }
  const start = {
    w1: numbers(1, inside * hidden).map((v) => v * 0.2),
    b1: new Float32Array(hidden),
    w2: numbers(2, hidden * 10).map((v) => v * 0.2),
    b2: new Float32Array(10),
  }
  const inputs = numbers(3, batch * inside)
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
      w1: tensor(start.w1, { shape: shapes.w1 }),
      b1: tensor(start.b1, { shape: shapes.b1 }),
      w2: tensor(start.w2, { shape: shapes.w2 }),
      b2: tensor(start.b2, { shape: shapes.b2 }),
    }
    const [x, y] = [tensor(inputs, { shape: [batch, inside] }), tensor(labels, { shape: [batch, 10] })]
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
      tf.tensor2d(start.w1, [inside, hidden]),
      tf.tensor1d(start.b1),
      tf.tensor2d(start.w2, [hidden, 10]),
      tf.tensor1d(start.b2),
    ]
    const [x, y] = [tf.tensor2d(inputs, [batch, inside]), tf.tensor2d(labels, [batch, 10])]
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
    const [x, y] = [made(inputs, [batch, inside]), made(labels, [batch, 10])]
    let params = trees.ref(initial)
    return {
      step: async () => {
        params = update(params, x.ref, y.ref)
        await blockUntilReady(params)
      },
      result: () => update(trees.ref(initial), x.ref, y.ref).w1.data(),
    }
  })

  return { name, tolerance: 1e-3, ours, peers: { ...onTfjs, ...onJax } }
}

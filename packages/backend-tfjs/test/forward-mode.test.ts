// Forward mode of tfjs functions and models, and Levenberg-Marquardt on them.

import '@tensorflow/tfjs-backend-cpu'
import '@tensorflow/tfjs-backend-wasm'
import { checkGrads } from '@adjoint/conformance'
import { jacobian, jit, jvp, type Tensor, tensor, withBackend } from '@adjoint/core'
import { leastSquares } from '@adjoint/optim'
import * as tf from '@tensorflow/tfjs-core'
import * as layers from '@tensorflow/tfjs-layers'
import { beforeAll, describe, expect, it } from 'vitest'
import { createTfjs, differentiable, type TfjsBackend } from '../src/index.js'
import './matchers.js'

/** Functions of a vector of four with what their gradient needs in tfjs: nothing of its own, or a kernel without a gradient. */
const FUNCTIONS: Record<string, (x: tf.Tensor) => tf.Tensor> = {
  exp: (x) => tf.exp(x),
  tanh: (x) => tf.mul(tf.tanh(x), x),
  sigmoid: (x) => tf.sigmoid(tf.square(x)),
  softmax: (x) => tf.softmax(x),
  'a product of matrices': (x) => tf.matMul(tf.reshape(x, [2, 2]), tf.reshape(tf.sin(x), [2, 2])),
  'a division, and a sum': (x) => tf.div(x, tf.add(1, tf.sum(tf.square(x)))),
  relu: (x) => tf.relu(x),
  elu: (x) => tf.elu(x),
  gather: (x) => tf.gather(tf.exp(x), tf.tensor1d([2, 0, 2], 'int32')),
  'a constant': (x) => tf.add(tf.mul(x, 0), 3),
  'pieces joined': (x) => tf.concat([tf.cos(x), tf.slice(x, [1], [2])]),
}

describe.each(['cpu', 'wasm'])('on %s', (device) => {
  let backend: TfjsBackend

  beforeAll(async () => {
    backend = await createTfjs({ device })
  })

  const missing = device === 'wasm' ? ['elu', 'gather'] : []
  it.each(Object.entries(FUNCTIONS).filter(([name]) => !missing.includes(name)))('%s', async (_, fn) => {
    const f = differentiable(fn, { backend })
    const x = tensor([0.4, -0.7, 1.2, 0.3], { backend })
    await checkGrads(f, [x], { order: 1 })
    const [forward, reverse] = (['forward', 'reverse'] as const).map((mode) => jacobian(f, { mode })(x) as Tensor)
    expect(forward.dataSync()).toEqual(expect.closeToArray(reverse.dataSync(), 1e-5))
  })

  it('tangents of some inputs only, of several outputs, and under jit', () => {
    const f = differentiable(
      (x: tf.Tensor, i: tf.Tensor, y: tf.Tensor) => [tf.mul(tf.square(x), y), i, tf.sum(y)] as tf.Tensor[],
      { backend },
    )
    const [x, i, y] = [
      tensor([1, 2], { backend }),
      tensor([3], { dtype: 'int32', backend }),
      tensor([5, 7], { backend }),
    ]
    const along = (dy: Tensor) => {
      const { tangent } = jvp((v: Tensor) => f(x, i, v), [y], [dy])
      return [tangent[0], tangent[2]]
    }
    for (const run of [along, jit(along)]) {
      const [a, b] = run(tensor([1, 10], { backend }))
      expect([...a.dataSync(), ...b.dataSync()]).toEqual([1, 40, 11])
    }
  })

  it('leaves nothing behind in tf.memory()', () => {
    for (const [, fn] of Object.entries(FUNCTIONS).filter(([name]) => !missing.includes(name))) {
      const f = differentiable(fn, { backend })
      const x = tensor([0.4, -0.7, 1.2, 0.3], { backend })
      const before = tf.memory().numTensors
      for (const mode of ['forward', 'reverse'] as const) (jacobian(f, { mode })(x) as Tensor).dispose()
      expect(tf.memory().numTensors).toBe(before)
    }
  })

  it('Levenberg-Marquardt fits an exponential', () => {
    const t = tf.tensor1d([0, 0.5, 1, 1.5, 2, 2.5])
    const y = tf.tidy(() => tf.mul(2, tf.exp(tf.mul(-0.7, t))))
    const residuals = differentiable(
      (size: tf.Tensor, rate: tf.Tensor) => tf.sub(tf.mul(size, tf.exp(tf.mul(tf.neg(rate), t))), y),
      { backend },
    )
    const start = { size: tensor([1], { backend }), rate: tensor([0.1], { backend }) }
    const fit = withBackend(backend, () =>
      leastSquares(({ size, rate }) => residuals(size, rate), start, { tolerance: 1e-5 }),
    )
    expect(fit.converged.item()).toBe(1)
    expect([fit.x.size.item(), fit.x.rate.item()]).toEqual(expect.closeToArray([2, 0.7], 1e-4))
  })

  it("Levenberg-Marquardt fits a LayersModel's weights", async () => {
    const model = layers.sequential({
      layers: [
        layers.layers.dense({
          units: 2,
          inputShape: [1],
          activation: 'tanh',
          kernelInitializer: layers.initializers.glorotUniform({ seed: 1 }),
        }),
        layers.layers.dense({ units: 1, kernelInitializer: layers.initializers.glorotUniform({ seed: 2 }) }),
      ],
    })
    const net = differentiable(model, { backend })
    const times = Array.from({ length: 12 }, (_, i) => i / 4 - 1.5)
    const x = tensor(times, { shape: [12, 1], backend })
    const y = tensor(
      times.map((v) => Math.tanh(2 * v) + 0.5),
      { shape: [12, 1], backend },
    )
    const fit = withBackend(backend, () =>
      leastSquares((weights) => net(x, weights).sub(y), net.weights(), { tolerance: 1e-4 }),
    )
    expect(fit.value.item()).toBeLessThan(1e-5)
    await net.assign(fit.x)
    expect(net(x).dataSync()).toEqual(expect.closeToArray(y.dataSync(), 1e-2))
    model.dispose()
  })
})

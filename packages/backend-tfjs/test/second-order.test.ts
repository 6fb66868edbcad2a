// L-BFGS for functions and models of tfjs.

import '@tensorflow/tfjs-backend-cpu'
import '@tensorflow/tfjs-backend-wasm'
import { configure } from '@adjoint/core'
import { lbfgs } from '@adjoint/optim'
import * as tf from '@tensorflow/tfjs-core'
import * as layers from '@tensorflow/tfjs-layers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { asTfjsOptimizer, createTfjs, type TfjsBackend } from '../src/index.js'
import './matchers.js'

// Factorisations go to the host, which is reported.
const before = configure({ warn: () => undefined })
afterAll(() => void configure(before))

describe.each(['cpu', 'wasm'])('on %s', (device) => {
  let backend: TfjsBackend

  beforeAll(async () => {
    backend = await createTfjs({ device })
  })

  it('asTfjsOptimizer(lbfgs()) finds the minimum of Rosenbrock’s function', () => {
    const w = tf.variable(tf.tensor1d([-1.2, 1]))
    const optimizer = asTfjsOptimizer(lbfgs(), { backend })
    const rosenbrock = () => {
      const [x, y] = tf.split(w, 2)
      return tf.sum(tf.add(tf.square(tf.sub(1, x)), tf.mul(100, tf.square(tf.sub(y, tf.square(x)))))) as tf.Scalar
    }
    optimizer.minimize(rosenbrock)
    const tensors = tf.memory().numTensors
    for (let i = 0; i < 40; i++) optimizer.minimize(rosenbrock)
    expect(tf.memory().numTensors).toBe(tensors)
    expect(Array.from(w.dataSync())).toEqual(expect.closeToArray([1, 1], 1e-2))
    optimizer.dispose()
    w.dispose()
  })

  it('asTfjsOptimizer(lbfgs()) trains a LayersModel', () => {
    const dense = (units: number, more = {}) =>
      layers.layers.dense({ units, kernelInitializer: layers.initializers.glorotUniform({ seed: units }), ...more })
    const model = layers.sequential({ layers: [dense(6, { inputShape: [1], activation: 'tanh' }), dense(1)] })
    const x = tf.reshape(tf.linspace(-2, 2, 21), [21, 1])
    const y = tf.sin(x)
    const loss = () => tf.losses.meanSquaredError(y, model.apply(x) as tf.Tensor) as tf.Scalar
    const optimizer = asTfjsOptimizer(lbfgs(), { backend })
    for (let i = 0; i < 60; i++) optimizer.minimize(loss)
    expect(loss().dataSync()[0]).toBeLessThan(1e-3)
    optimizer.dispose()
    model.dispose()
  })
})

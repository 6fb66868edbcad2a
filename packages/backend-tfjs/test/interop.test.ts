// tfjs tensors, functions, models and optimizers beside Adjoint's: values, gradients, memory.

import '@tensorflow/tfjs-backend-cpu'
import '@tensorflow/tfjs-backend-wasm'
import { createCpu } from '@adjoint/backend-cpu'
import { checkGrads, checkJit, checkVmap } from '@adjoint/conformance'
import { grad, jit, type Optimizer, scope, type Tensor, tensor, tree, valueAndGrad, withBackend } from '@adjoint/core'
import { adam, sgd } from '@adjoint/optim'
import * as tf from '@tensorflow/tfjs-core'
import * as layers from '@tensorflow/tfjs-layers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { asTfjsOptimizer, createTfjs, differentiable, fromTfjs, type TfjsBackend, toTfjs } from '../src/index.js'
import './matchers.js'

const cpu = createCpu()

describe.each(['cpu', 'wasm'])('on %s', (device) => {
  let backend: TfjsBackend
  let queued: TfjsBackend

  beforeAll(async () => {
    backend = await createTfjs({ device })
    queued = await createTfjs({ device, sync: false, name: 'queued' })
  })
  afterAll(() => tf.disposeVariables())

  /** tf.memory() and the backend's own count are what they were. */
  async function balanced(run: () => unknown): Promise<void> {
    const before = { ...tf.memory(), ...backend.memory() }
    await run()
    expect({ ...tf.memory(), ...backend.memory() }).toEqual(before)
  }

  it('fromTfjs and toTfjs share memory, and each side is disposed by itself', async () => {
    for (const there of [backend, queued]) {
      await balanced(async () => {
        const x = tf.tensor2d([1, 2, 3, 4], [2, 2])
        const y = fromTfjs(x, { backend: there })
        const back = await toTfjs(y)
        expect(back.dataId).toBe(x.dataId)
        x.dispose()
        expect(Array.from(await y.data())).toEqual([1, 2, 3, 4])
        y.dispose()
        expect(Array.from(await back.data())).toEqual([1, 2, 3, 4])
        expect(back.shape).toEqual([2, 2])
        back.dispose()
      })
    }
  })

  it('toTfjs brings tensors of other backends over', async () => {
    await balanced(async () => {
      const x = await toTfjs(tensor([1, 2], { dtype: 'int32', backend: cpu }), { backend })
      expect([x.dtype, ...x.dataSync()]).toEqual(['int32', 1, 2])
      x.dispose()
    })
  })

  it('results of a whole compiled gradient leave nothing behind in tf.memory()', async () => {
    const loss = (w: Tensor, x: Tensor) => x.matmul(w).tanh().square().sum().add(w.exp().mean()).add(w.abs().sum())
    await balanced(() =>
      scope(() => {
        const [w, x] = [tensor([[1], [2]], { backend }), tensor([[1, 2]], { backend })]
        const [eager, compiled] = [grad(loss)(w, x), jit(grad(loss))(w, x)]
        expect(compiled.dataSync()).toEqual(eager.dataSync())
      }),
    )
  })

  it('differentiable: value and gradient of a tfjs function, under jit and vmap', async () => {
    const f = differentiable(
      (x: tf.Tensor, w: tf.Tensor) => tf.sum(tf.tanh(tf.matMul(x as tf.Tensor2D, w as tf.Tensor2D))),
      { backend },
    )
    for (const on of [backend, queued, cpu]) {
      const x = tensor(
        [
          [0.5, -1],
          [2, 0.1],
        ],
        { backend: on },
      )
      const w = tensor([[0.3], [0.7]], { backend: on })
      const ours = (a: Tensor, b: Tensor) => a.matmul(b).tanh().sum()
      expect(await f(x, w).data()).toEqual(expect.closeToArray(await ours(x, w).data()))
      const [mine, theirs] = [f as typeof ours, ours].map((fn) => [0, 1].map((wrt) => grad(fn, { argnums: wrt })(x, w)))
      for (const i of [0, 1]) expect(await mine[i].data()).toEqual(expect.closeToArray(await theirs[i].data()))
      if (on === queued) continue
      await checkJit((a: Tensor, b: Tensor) => grad(f as typeof ours)(a, b), [x, w])
      await checkVmap((row: Tensor) => f(row.reshape([1, 2]), w), [x])
    }
  })

  it('differentiable: gradients agree with differences, to the second order where tfjs has them', async () => {
    const cube = differentiable((x: tf.Tensor) => tf.mul(tf.square(x), x), { backend })
    await checkGrads(cube, [tensor([0.5, -1.5, 2], { backend })], { order: 2, modes: ['reverse'] })
  })

  it('differentiable: several outputs, integers among the inputs', () => {
    const f = differentiable(
      (x: tf.Tensor, i: tf.Tensor) => [tf.square(x), tf.mul(x, tf.cast(i, 'float32'))] as tf.Tensor[],
      { backend },
    )
    const rows = tensor([2, 0, 1], { dtype: 'int32', backend })
    const loss = (x: Tensor) => {
      const [squares, picked] = f(x, rows)
      return squares.sum().add(picked.sum())
    }
    expect(Array.from(grad(loss)(tensor([1, 2, 3], { backend })).dataSync())).toEqual([4, 4, 7])
  })

  it('a LayersModel: trained by an Adjoint optimizer, then back in the model', async () => {
    const model = layers.sequential({
      layers: [
        layers.layers.dense({
          units: 8,
          inputShape: [2],
          activation: 'tanh',
          kernelInitializer: layers.initializers.glorotUniform({ seed: 1 }),
        }),
        layers.layers.dense({ units: 1, kernelInitializer: layers.initializers.glorotUniform({ seed: 2 }) }),
      ],
    })
    const net = differentiable(model, { backend })
    const x = tensor(
      [
        [0, 0],
        [0, 1],
        [1, 0],
        [1, 1],
      ],
      { backend },
    )
    const y = tensor([[0], [1], [1], [0]], { backend })
    const loss = (weights: Record<string, Tensor>) => net(x, weights).sub(y).square().mean()
    const optimizer = adam(0.05)
    let weights = net.weights()
    expect(Object.keys(weights)).toHaveLength(4)
    let state = withBackend(backend, () => optimizer.init(weights))
    for (let i = 0; i < 150; i++) {
      const { updates, state: next } = withBackend(backend, () => optimizer.update(grad(loss)(weights), state))
      weights = tree.map((p: Tensor, u: Tensor) => p.add(u), weights, updates) as typeof weights
      state = next
    }
    expect(loss(weights).item()).toBeLessThan(1e-2)
    await net.assign(weights)
    const predicted = model.predict(await toTfjs(x)) as tf.Tensor
    expect(Array.from(predicted.dataSync(), Math.round).map(Math.abs)).toEqual([0, 1, 1, 0])
    expect(net(x).dataSync()).toEqual(net(x, weights).dataSync())
    model.dispose()
  })

  it('asTfjsOptimizer: minimize and applyGradients follow the formulas of Adjoint', () => {
    const start = [3, -2]
    const w = tf.variable(tf.tensor1d(start))
    const optimizer = asTfjsOptimizer(sgd(0.1, { momentum: 0.9 }), { backend })
    const expected = sgd(0.1, { momentum: 0.9 })
    let [params, state] = [tensor(start, { backend: cpu }), expected.init(tensor(start, { backend: cpu }))]
    let before = tf.memory().numTensors
    for (let i = 0; i < 5; i++) {
      const cost = optimizer.minimize(() => tf.sum(tf.square(w)) as tf.Scalar, true)
      expect(cost?.dataSync()[0]).toBeCloseTo(params.square().sum().item(), 4)
      cost?.dispose()
      if (i === 0) before = tf.memory().numTensors
      const step = expected.update(params.mul(2), state)
      params = params.add(step.updates)
      state = step.state
    }
    expect(tf.memory().numTensors).toBe(before)
    expect(Array.from(w.dataSync())).toEqual(expect.closeToArray(params.dataSync()))
    optimizer.dispose()
    w.dispose()
  })

  it('asTfjsOptimizer: an optimizer may ask for the loss elsewhere', () => {
    const w = tf.variable(tf.tensor1d([4, 1]))
    const halving: Optimizer<object> = {
      init: () => ({}),
      update(grads, _, context) {
        let rate = 0.9
        const at = (r: number) =>
          tree.map((p: Tensor, g: Tensor) => p.sub(g.mul(r)), context?.params, grads) as Record<string, Tensor>
        while ((context?.valueAndGrad?.(at(rate)).value.item() ?? 0) > (context?.value?.item() ?? 0)) rate /= 2
        return { updates: tree.map((g: Tensor) => g.mul(-rate), grads) as never, state: {} }
      },
    }
    const optimizer = asTfjsOptimizer(halving, { backend })
    for (let i = 0; i < 30; i++)
      optimizer.minimize(() => tf.sum(tf.mul(tf.square(tf.sub(w, 1)), tf.tensor1d([1, 10]))) as tf.Scalar)
    expect(Array.from(w.dataSync())).toEqual(expect.closeToArray([1, 1], 1e-2))
    w.dispose()
  })

  it('asTfjsOptimizer: LayersModel.compile and fit take it', async () => {
    const model = layers.sequential({
      layers: [layers.layers.dense({ units: 1, inputShape: [1], kernelInitializer: 'zeros' })],
    })
    model.compile({ optimizer: asTfjsOptimizer(adam(0.3), { backend }), loss: 'meanSquaredError' })
    const [x, y] = [tf.tensor2d([0, 1, 2, 3], [4, 1]), tf.tensor2d([1, 3, 5, 7], [4, 1])]
    const { history } = await model.fit(x, y, { epochs: 60, verbose: 0 })
    expect(history.loss.at(-1)).toBeLessThan(0.05)
    model.dispose()
  })

  it('derivatives that tfjs lacks are ours: second ones of exp, tanh, sigmoid, softmax; first ones of cumprod', async () => {
    const x = tensor([0.3, -0.7, 1.2], { backend })
    const second = (f: (x: Tensor) => Tensor) => grad((v: Tensor) => grad((u: Tensor) => f(u).sum())(v).sum())(x)
    expect(Array.from(second((v) => v.exp()).dataSync())).toEqual(expect.closeToArray([0.3, -0.7, 1.2].map(Math.exp)))
    const t = [0.3, -0.7, 1.2].map(Math.tanh)
    expect(Array.from(second((v) => v.tanh()).dataSync())).toEqual(
      expect.closeToArray(t.map((y) => -2 * y * (1 - y * y))),
    )
    const { softmax, cumprod, sigmoid } = await import('@adjoint/core')
    for (const f of [(v: Tensor) => softmax(v).square(), (v: Tensor) => sigmoid(v), (v: Tensor) => cumprod(v)])
      await checkGrads(f, [x], { order: 2 })
    const theirs = differentiable((v: tf.Tensor) => tf.sum(tf.exp(v)), { backend })
    expect(Array.from(grad(theirs)(x).dataSync())).toEqual(expect.closeToArray([0.3, -0.7, 1.2].map(Math.exp)))
    const { value } = valueAndGrad(theirs)(x)
    expect(value.item()).toBeGreaterThan(0)
  })
})

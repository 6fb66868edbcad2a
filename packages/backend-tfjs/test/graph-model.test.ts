// A GraphModel, made of the parts that a converter writes: x W + b with an activation.

import '@tensorflow/tfjs-backend-cpu'
import '@tensorflow/tfjs-layers'
import { grad, type Tensor, tensor } from '@adjoint/core'
import { loadGraphModelSync } from '@tensorflow/tfjs-converter'
import { expect, it } from 'vitest'
import { createTfjs, differentiable } from '../src/index.js'
import './matchers.js'

const float = { type: 'DT_FLOAT' }
const constant = (name: string, shape: number[]) => ({
  name,
  op: 'Const',
  attr: {
    dtype: float,
    value: { tensor: { dtype: 'DT_FLOAT', tensorShape: { dim: shape.map((size) => ({ size })) } } },
  },
})
const topology = {
  node: [
    { name: 'x', op: 'Placeholder', attr: { dtype: float, shape: { shape: { dim: [{ size: -1 }, { size: 2 }] } } } },
    constant('w', [2, 1]),
    constant('b', [1]),
    {
      name: 'product',
      op: 'MatMul',
      input: ['x', 'w'],
      attr: { transpose_a: { b: false }, transpose_b: { b: false }, T: float },
    },
    { name: 'sum', op: 'AddV2', input: ['product', 'b'], attr: { T: float } },
    { name: 'y', op: 'Tanh', input: ['sum'], attr: { T: float } },
  ],
  versions: { producer: 1 },
}

it('has gradients for inputs and weights, and takes weights back', async () => {
  const backend = await createTfjs({ device: 'cpu' })
  const model = loadGraphModelSync({
    modelTopology: topology,
    weightSpecs: [
      { name: 'w', shape: [2, 1], dtype: 'float32' },
      { name: 'b', shape: [1], dtype: 'float32' },
    ],
    weightData: new Float32Array([0.5, -0.25, 0.1]).buffer,
  })
  const net = differentiable(model, { backend })
  const x = tensor(
    [
      [1, 2],
      [-0.5, 3],
    ],
    { backend },
  )
  const ours = (input: Tensor, { w, b }: Record<string, Tensor>) => input.matmul(w).add(b).tanh()
  const weights = net.weights()
  expect(Object.keys(weights)).toEqual(['w', 'b'])
  expect(net(x).dataSync()).toEqual(expect.closeToArray(ours(x, weights).dataSync()))
  const slope = (f: typeof ours) => grad((ws: Record<string, Tensor>) => f(x, ws).sum())(weights)
  expect(slope(net as never).w.dataSync()).toEqual(expect.closeToArray(slope(ours).w.dataSync()))
  const byInput = grad((v: Tensor) => net(v).sum())(x)
  expect(byInput.dataSync()).toEqual(expect.closeToArray(grad((v: Tensor) => ours(v, weights).sum())(x).dataSync()))
  await net.assign({ b: tensor([3], { backend }) })
  expect(net(x).dataSync()).toEqual(
    expect.closeToArray(ours(x, { ...weights, b: tensor([3], { backend }) }).dataSync()),
  )
})

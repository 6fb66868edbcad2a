// The backends suite: the same Adjoint programs on the CPU backend and, through @adjoint/backend-tfjs, on tfjs's.

import '@tensorflow/tfjs-backend-cpu'
import '@tensorflow/tfjs-backend-wasm'
import { createTfjs } from '@adjoint/backend-tfjs'
import { type Backend, cpu, fori, grad, jit, logSoftmax, scope, softmax, type Tensor, tensor, tree } from 'adjoint'
import type { Case, Program, Setup, Suite } from '../../harness/api.js'
import { numbers } from '../../harness/numbers.js'

type Inputs = (backend: Backend) => Tensor[]

/** One program with its inputs on a backend; what it makes is freed, since tfjs frees nothing by itself. */
function on(backend: Backend, inputs: Inputs, compute: Compute): Program {
  const xs = inputs(backend) as never[]
  return {
    step: () => {
      scope(() => compute(...xs)).dispose()
    },
    result: () => compute(...xs).data(),
  }
}

type Compute = (...xs: never[]) => Tensor

function item(name: string, inputs: Inputs, make: () => Compute): Case {
  const tfjs =
    (device: string): Setup =>
    async () =>
      on(await createTfjs({ device }), inputs, make())
  return {
    name,
    tolerance: 1e-3,
    ours: () => on(cpu, inputs, make()),
    peers: { 'ours-on-tfjs-cpu': tfjs('cpu'), 'ours-on-tfjs-wasm': tfjs('wasm') },
  }
}

const matrix =
  (seed: number, shape: readonly number[], scale = 1) =>
  (backend: Backend): Tensor =>
    tensor(
      numbers(
        seed,
        shape.reduce((a, b) => a * b, 1),
      ).map((v) => v * scale),
      { shape, backend },
    )

const all =
  (...parts: ((backend: Backend) => Tensor)[]): Inputs =>
  (backend) =>
    parts.map((part) => part(backend))

const BATCH = 64

/** One step of gradient descent for a 64-128-10 network; the first layer's weights are returned. */
function trainStep() {
  const loss = ({ w1, w2 }: { w1: Tensor; w2: Tensor }, x: Tensor, y: Tensor) =>
    logSoftmax(x.matmul(w1).relu().matmul(w2), 1).mul(y).sum().div(-BATCH)
  return jit((w1: Tensor, w2: Tensor, x: Tensor, y: Tensor) => {
    const slopes = grad(loss)({ w1, w2 }, x, y)
    return tree.map((p: Tensor, g: Tensor) => p.sub(g.mul(0.1)), { w1, w2 }, slopes).w1
  }) as unknown as Compute
}

/** 50 iterations of Sinkhorn's scaling for uniform weights (M. Cuturi, Sinkhorn Distances, NeurIPS 2013). */
function sinkhorn() {
  return jit((cost: Tensor) => {
    const n = cost.shape[0]
    const kernel = cost.square().mul(-5).exp()
    const start = {
      u: cost
        .sum(1)
        .mul(0)
        .add(1 / n),
      v: cost
        .sum(0)
        .mul(0)
        .add(1 / n),
    }
    const { u, v } = fori(
      0,
      50,
      (_, s: { u: Tensor; v: Tensor }) => {
        const next = kernel
          .matmul(s.v.reshape([n, 1]))
          .reshape([n])
          .mul(n)
        const left = next.mul(0).add(1).div(next)
        const other = kernel.T.matmul(left.reshape([n, 1]))
          .reshape([n])
          .mul(n)
        return { u: left, v: other.mul(0).add(1).div(other) }
      },
      start,
    )
    return kernel.mul(u.reshape([n, 1])).mul(v)
  }) as unknown as Compute
}

export const backends: Suite = {
  name: 'backends',
  cases: [
    item('matmul-512', all(matrix(1, [512, 512]), matrix(2, [512, 512])), () => (a: Tensor, b: Tensor) => a.matmul(b)),
    item('softmax-512', all(matrix(1, [512, 512])), () => (a: Tensor) => softmax(a, 1)),
    item(
      'mlp-step',
      all(matrix(1, [64, 128], 0.2), matrix(2, [128, 10], 0.2), matrix(3, [BATCH, 64]), matrix(4, [BATCH, 10])),
      trainStep,
    ),
    item('sinkhorn-256', all(matrix(1, [256, 256])), sinkhorn),
  ],
}

// Small whole programs: what users run, so what a backend must run eagerly, differentiated, batched and compiled.

import type { DType } from '@adjoint/core'
import {
  add,
  at,
  concat,
  cond,
  fori,
  logSoftmax,
  matmul,
  maximum,
  pad,
  scan,
  sort,
  stopGradient,
  type Tensor,
  take,
  where,
  whileLoop,
  withBackend,
} from '@adjoint/core'
import * as random from '@adjoint/core/random'
import type { CaseInput } from './case.js'
import { input, spread } from './values.js'

/** A scalar function of float32 tensors, with its arguments; the first is differentiated and batched. */
export interface ProgramCase {
  readonly name: string
  readonly inputs: readonly CaseInput[]
  readonly fn: (...xs: Tensor[]) => Tensor
  /** Differentiable in forward mode alone. @defaultValue false */
  readonly forwardOnly?: boolean
  /** A dtype used inside: compiled forms need it on the device, eager ones take it from the host. */
  readonly uses?: DType
}

const f32 = (shape: number[], seed: number) => spread('float32', shape, [-1, 1], seed)

/** The programs every backend is tested on. */
export function programCases(): ProgramCase[] {
  return [
    {
      name: 'cross entropy of a two-layer network',
      inputs: [f32([3, 5], 1), f32([4, 3], 2), f32([5, 2], 3), input('float32', [4, 2], [1, 0, 0, 1, 1, 0, 0, 1])],
      fn: (w1, x, w2, labels) =>
        logSoftmax(matmul(matmul(x, w1).tanh(), w2), 1)
          .mul(labels)
          .sum()
          .neg()
          .div(4),
    },
    {
      name: 'normalisation over rows',
      inputs: [f32([4, 6], 4)],
      fn: (x) =>
        x
          .sub(x.mean(1, { keepDims: true }))
          .div(x.variance(1, { keepDims: true }).add(1e-3).sqrt())
          .mul(x)
          .sum(),
    },
    {
      name: 'distances of all pairs',
      inputs: [f32([4, 2], 5), f32([5, 2], 6)],
      fn: (x, y) => x.expandDims(1).sub(y.expandDims(0)).square().sum(2).add(0.1).sqrt().min(1).sum(),
    },
    {
      name: 'a choice without NaN in the branch not taken',
      inputs: [f32([8], 7)],
      fn: (x) => where(x.gt(0), where(x.gt(0), x, 1).log(), x.exp()).sum(),
    },
    {
      name: 'rows by index, and updates',
      inputs: [f32([5, 3], 8), input('int32', [4], [4, 0, 2, 2])],
      fn: (x, rows) => take(x, rows).square().sum().add(at(x, rows).add(1).mul(x).sum()),
    },
    {
      name: 'sorting, padding and joining',
      inputs: [f32([6], 9)],
      fn: (x) => {
        const ranked = sort(x)
        return concat([ranked.slice([1, 4]), pad(x, [[1, 2]]).flip()])
          .mul(concat([x, x, ranked]).slice([0, 12]))
          .sum()
      },
    },
    {
      name: 'a shifted exponential sum',
      inputs: [f32([3, 4], 10)],
      fn: (x) => {
        const top = stopGradient(x.max(1, { keepDims: true }))
        return add(x.sub(top).exp().sum(1).log(), top.reshape([3])).sum()
      },
    },
    {
      name: 'a column of maxima',
      inputs: [f32([4, 3], 11), f32([3], 12)],
      fn: (x, b) => maximum(x.mul(2), b).T.broadcastTo([2, 3, 4]).sum(0).square().sum(),
    },
  ]
}

/** Programs with branches, loops and random numbers. */
export function controlCases(): ProgramCase[] {
  return [
    {
      name: 'cond',
      inputs: [f32([3], 13), f32([3], 14)],
      fn: (x, y) =>
        cond(
          x.sum().gt(0),
          (v: Tensor) => v.mul(y).sum(),
          (v: Tensor) => v.neg().exp().sum(),
          x,
        ),
    },
    {
      name: 'whileLoop to a limit that the state decides',
      inputs: [input('float32', [2], [1, 1.5])],
      fn: (x) => whileLoop({ cond: (s) => s.sum().lt(100), body: (s) => s.mul(2).add(x), init: x }).sum(),
      forwardOnly: true,
    },
    {
      name: 'whileLoop in reverse, masked',
      inputs: [input('float32', [2], [1, 1.5])],
      fn: (x) =>
        whileLoop({
          cond: (s) => s.v.sum().lt(20),
          body: (s) => ({ v: s.v.square().add(x) }),
          init: { v: x },
          maxSteps: 6,
          reverse: true,
        }).v.sum(),
    },
    {
      name: 'fori',
      inputs: [f32([3], 15)],
      fn: (x) => fori(0, 4, (i, s: Tensor) => s.sin().add(x.mul(i.cast('float32'))), x).sum(),
    },
    {
      name: 'scan over rows',
      inputs: [f32([2], 16), f32([5, 2], 17)],
      fn: (x, rows) => {
        const { carry, ys } = scan(
          (c: Tensor, row: Tensor) => [c.mul(0.5).add(row).tanh(), c.mul(row).sum()] as [Tensor, Tensor],
          x,
          rows,
        )
        return carry.sum().add(ys.square().sum())
      },
    },
    {
      name: 'a branch inside a loop',
      inputs: [f32([4], 18)],
      fn: (x) =>
        fori(
          0,
          3,
          (_, s: Tensor) =>
            cond(
              s.sum().gt(0),
              (v: Tensor) => v.mul(0.5).sub(x),
              (v: Tensor) => v.square(),
              s,
            ),
          x,
        ).sum(),
    },
    {
      name: 'random numbers from a key',
      uses: 'uint32',
      inputs: [f32([6], 19)],
      fn: (x) =>
        withBackend(x.backend, () => x.mul(random.normal(random.key(7), [6])).add(random.uniform(random.key(8), [6])))
          .square()
          .sum(),
    },
  ]
}

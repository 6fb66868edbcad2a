import { checkGrads } from '@adjoint/conformance'
import { exp, grad, logSumExp, mul, sub, sum, type Tensor, vmap } from '@adjoint/core'
import * as random from '@adjoint/core/random'
import { expect, test } from 'vitest'
import type { Formula } from '../src/pairwise/formula.js'
import { pairLogSumExp, pairMax } from '../src/pairwise/pair-log-sum-exp.js'
import { pairSum } from '../src/pairwise/pair-sum.js'
import { distance } from './support.js'

const normal = (seed: number, shape: number[]): Tensor => random.normal(random.key(seed), shape, { dtype: 'float64' })
const [x, y, h] = [normal(0, [5, 2]), normal(1, [4, 2]), normal(2, [4])]
const scale = normal(3, []).abs()

const score: Formula = ([a], [b, c], [s]) => sub(c, mul(s, sub(a, b).square().sum()))
const table = (u: Tensor, v: Tensor, w: Tensor, s: Tensor): Tensor =>
  sub(
    w,
    mul(
      s,
      sub(u.reshape([5, 1, 2]), v)
        .square()
        .sum(-1),
    ),
  )

test('reductions over pairs are those of the table', () => {
  const scores = table(x, y, h, scale)
  expect(distance(pairLogSumExp(score, [x], [y, h], [scale]), logSumExp(scores, 1))).toBeLessThan(1e-13)
  expect(distance(pairSum(score, [x], [y, h], [scale]), sum(scores, 1))).toBeLessThan(1e-13)
  expect(distance(pairMax(score, [x], [y, h], [scale]), scores.max(1))).toBe(0)
})

test('gradients are those of the table, for rows, columns and shared inputs', () => {
  const ours = (...[u, v, w, s]: Tensor[]) => pairLogSumExp(score, [u], [v, w], [s]).square().sum()
  const theirs = (...[u, v, w, s]: Tensor[]) =>
    logSumExp(table(u, v, w, s), 1)
      .square()
      .sum()
  for (let i = 0; i < 4; i++) {
    const args = [x, y, h, scale]
    const wrt = (f: (...a: Tensor[]) => Tensor) =>
      grad((z: Tensor) => f(...args.map((a, k) => (k === i ? z : a))))(args[i])
    expect(distance(wrt(ours), wrt(theirs))).toBeLessThan(1e-12)
  }
})

test('derivatives to the second order, both modes, agree with differences', async () => {
  await checkGrads(
    (u: Tensor, v: Tensor, w: Tensor, s: Tensor) => pairLogSumExp(score, [u], [v, w], [s]),
    [x, y, h, scale],
    {
      order: 2,
    },
  )
  const squares: Formula = ([a], [b], [s]) => exp(mul(s, a.mul(b).sum()))
  await checkGrads((u: Tensor, v: Tensor, s: Tensor) => pairSum(squares, [u], [v], [s]), [x, y, scale], { order: 2 })
})

test('lanes, also of gradients', () => {
  const xs = normal(4, [3, 5, 2])
  const f = (u: Tensor) => pairLogSumExp(score, [u], [y, h], [scale])
  const lanes = vmap(f)(xs)
  const slopes = vmap(grad((u: Tensor) => f(u).square().sum()))(xs)
  const summed = grad((us: Tensor) => vmap(f)(us).square().sum())(xs)
  for (let i = 0; i < 3; i++) expect(distance(lanes.slice(i), f(xs.slice(i)))).toBeLessThan(1e-13)
  expect(distance(slopes, summed)).toBeLessThan(1e-12)
  const nested = vmap(vmap(f))(xs.reshape([1, 3, 5, 2]))
  expect(distance(nested.slice(0), lanes)).toBe(0)
})

test('many rows go by blocks', () => {
  const [many, others] = [normal(5, [1100, 2]), normal(6, [300, 2])]
  const f: Formula = ([a], [b]) => exp(sub(a, b).square().sum().neg())
  const dense = sub(many.reshape([1100, 1, 2]), others)
    .square()
    .sum(-1)
    .neg()
    .exp()
    .sum(1)
  expect(distance(pairSum(f, [many], [others]), dense)).toBeLessThan(1e-11)
  const slope = grad((b: Tensor) => pairSum(f, [many], [b]).sum())(others)
  const theirs = grad((b: Tensor) =>
    sub(many.reshape([1100, 1, 2]), b)
      .square()
      .sum(-1)
      .neg()
      .exp()
      .sum(),
  )(others)
  expect(distance(slope, theirs)).toBeLessThan(1e-11)
})

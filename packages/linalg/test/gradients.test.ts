// Derivatives of the public functions against differences.

import { checkGrads } from '@adjoint/conformance'
import { grad, jit, type Tensor, vmap } from '@adjoint/core'
import { expect, it } from 'vitest'
import { cholesky, choleskySolve, inv, lu, luSolve, pivotedQr, qr, solve } from '../src/index.js'
import { definite, identity, normal, transposed, values } from './support.js'

const general = (seed: number, shape: number[]): Tensor => normal(seed, shape)
const distance = (a: number[], b: number[]) => Math.max(...a.map((x, i) => Math.abs(x - b[i])))
const near = (seed: number, n: number): Tensor => normal(seed, [n, n]).add(identity(n).mul(3))

it.each<[string, (...xs: Tensor[]) => unknown, Tensor[]]>([
  ['solve', solve, [near(1, 3), general(2, [3, 2])]],
  ['solve with a vector', solve, [near(1, 3), general(2, [3])]],
  ['solve over a batch', solve, [normal(1, [2, 2, 2]).add(identity(2).mul(4)), general(2, [2, 1])]],
  ['inv', inv, [near(3, 3)]],
  ['choleskySolve', (a, b) => choleskySolve(cholesky(a).l, b), [definite(1, [3, 3]), general(2, [3])]],
  ['luSolve', (a, b) => luSolve(lu(a), b), [near(1, 3), general(2, [3])]],
  ['qr of a wide matrix', (a) => qr(a), [normal(1, [2, 4])]],
  [
    'pivotedQr',
    (a) => {
      const { q, r } = pivotedQr(a)
      return [q, r]
    },
    [normal(1, [4, 3])],
  ],
])('%s', async (_, fn, args) => {
  await checkGrads(fn, args, { order: 2 })
})

it('jit and vmap of a gradient of a solve', async () => {
  const f = (a: Tensor, b: Tensor) => solve(a, b).square().sum()
  const a = normal(1, [4, 3, 3]).add(identity(3).mul(3))
  const b = normal(2, [4, 3])
  const batched = jit(vmap(grad(f)))(a, b)
  const lanes = [0, 1, 2, 3].flatMap((i) =>
    values(grad(f)(a.slice([i, i + 1]).reshape([3, 3]), b.slice([i, i + 1]).reshape([3]))),
  )
  expect(distance(values(batched), lanes)).toBeLessThan(1e-10)
  const shared = vmap((y: Tensor) => solve(a.slice([0, 1]).reshape([3, 3]), y))(b)
  const expected = transposed(solve(a.slice([0, 1]).reshape([3, 3]), transposed(b)))
  expect(distance(values(shared), values(expected))).toBeLessThan(1e-12)
})

// Invariants for matrices of any shape, and the same results on a device that answers later.

import { createFakeAsync } from '@adjoint/conformance'
import { mul, setBackend, type Tensor, tensor } from '@adjoint/core'
import fc from 'fast-check'
import { afterEach, expect, it } from 'vitest'
import { cholesky, det, eigh, expm, inv, kron, lstsq, pinv, qr, solve, svd, svdvals } from '../src/index.js'
import { cpu, definite, frobenius, identity, largest, normal, residual, transposed } from './support.js'

afterEach(() => setBackend(cpu))

const sides = fc.integer({ min: 1, max: 12 })
const seeds = fc.integer({ min: 0, max: 2 ** 20 })

it('the pseudoinverse fulfils the equations of Penrose, whatever the rank', () => {
  fc.assert(
    fc.property(sides, sides, sides, seeds, (m, n, rank, seed) => {
      const a = normal(seed, [m, rank]).matmul(normal(seed + 1, [rank, n]))
      const p = pinv(a)
      const scale = 1e-12 * (1 + frobenius(a) * frobenius(p)) ** 2
      const holds = (x: Tensor, y: Tensor) => frobenius(x.sub(y)) <= scale * Math.max(frobenius(x), 1)
      return (
        holds(a.matmul(p).matmul(a), a) &&
        holds(p.matmul(a).matmul(p), p) &&
        holds(a.matmul(p), transposed(a.matmul(p))) &&
        holds(p.matmul(a), transposed(p.matmul(a)))
      )
    }),
    { numRuns: 60 },
  )
})

it('singular values and eigenvalues do not change under rotations', () => {
  fc.assert(
    fc.property(sides, sides, seeds, (m, n, seed) => {
      const a = normal(seed, [m, n])
      const { q } = qr(normal(seed + 1, [m, m]))
      const same = residual(svdvals(a), svdvals(q.matmul(a))) < 20
      const s = definite(seed, [m, m])
      const { values: w } = eigh(s)
      return same && residual(w, eigh(q.matmul(s).matmul(transposed(q))).values) < 20
    }),
    { numRuns: 60 },
  )
})

it('determinants and exponentials are homomorphisms', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5 }), seeds, (n, seed) => {
      const [a, b] = [normal(seed, [n, n]), normal(seed + 1, [n, n])]
      const product = det(a).item() * det(b).item()
      const scale = 1e-11 * (1 + (frobenius(a) * frobenius(b)) ** n)
      const multiplies = Math.abs(det(a.matmul(b)).item() - product) < scale
      const back = expm(a).matmul(expm(a.neg())).sub(identity(n))
      return multiplies && largest(back) < 1e-12 * frobenius(expm(a)) * frobenius(expm(a.neg())) * n
    }),
    { numRuns: 60 },
  )
})

it('Kronecker products multiply factor by factor', () => {
  const [a, b, c, d] = [normal(1, [2, 3]), normal(2, [3, 2]), normal(3, [3, 4]), normal(4, [2, 5])]
  expect(residual(kron(a.matmul(c), b.matmul(d)), kron(a, b).matmul(kron(c, d)))).toBeLessThan(10)
})

it('runs on a device that answers later', async () => {
  setBackend(createFakeAsync())
  const a = tensor([
    [2, 1],
    [1, 3],
  ])
  const b = tensor([3, 5])
  const { u, s, vt } = svd(a)
  const { values: w, vectors } = eigh(a)
  const { l } = cholesky(a)
  const results: [Tensor, number[]][] = [
    [solve(a, b), [0.8, 1.4]],
    [lstsq(a, b).x, [0.8, 1.4]],
    [inv(a).matmul(a), [1, 0, 0, 1]],
    [l.matmul(transposed(l)), [2, 1, 1, 3]],
    [mul(u, s).matmul(vt), [2, 1, 1, 3]],
    [mul(vectors, w).matmul(transposed(vectors)), [2, 1, 1, 3]],
  ]
  for (const [actual, expected] of results) {
    const data = Array.from(await actual.data())
    expect(data).toEqual(expected.map((x) => expect.closeTo(x, 5)))
  }
})

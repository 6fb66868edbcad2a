// Factorisations multiply back to their matrix, as the tests of LAPACK ask for.

import { type DType, type Tensor, take, tril } from '@adjoint/core'
import { describe, expect, it } from 'vitest'
import { cholesky, choleskySolve, inv, lu, luSolve, pivotedQr, qr, solve, triangularSolve } from '../src/index.js'
import {
  definite,
  eps,
  frobenius,
  graded,
  hilbert,
  identity,
  nearlySingular,
  normal,
  residual,
  transposed,
} from './support.js'

const dtypes: DType[] = ['float64', 'float32']
const sizes = [1, 2, 3, 10, 31, 32, 33, 65, 100, 256]

const squares = (n: number, dtype: DType): [string, Tensor][] => [
  ['random', normal(n, [n, n], dtype)],
  ['graded', graded(n + 1, n, dtype)],
  ...(n > 1 ? [['nearly singular', nearlySingular(n + 2, n, dtype)] as [string, Tensor]] : []),
  ['Hilbert', hilbert(n, dtype)],
]

/** Definite also after rounding: the smallest eigenvalue is some units of it. */
function definites(n: number, dtype: DType): [string, Tensor][] {
  const random = definite(n, [n, n], dtype)
  const scale = graded(n, n, dtype).slice([0, n], [0, 1]).abs().add(1e-7)
  const shift = identity(n, dtype).mul(10 * n * eps(random))
  const nearly = n > 1 ? nearlySingular(n, n, dtype).div(n) : identity(n, dtype)
  return [
    ['random', random],
    ['graded', random.mul(scale).mul(transposed(scale))],
    ['nearly singular', nearly.matmul(transposed(nearly)).add(shift)],
    ['Hilbert', hilbert(n, dtype).add(shift)],
  ]
}

function orthogonality(q: Tensor): number {
  const n = q.shape[q.ndim - 1]
  return frobenius(transposed(q).matmul(q).sub(identity(n, q.dtype))) / (Math.max(...q.shape) * eps(q))
}

describe.each(dtypes)('%s', (dtype) => {
  it.each(sizes)('cholesky of %i', (n) => {
    for (const [kind, a] of definites(n, dtype)) {
      const { l, info } = cholesky(a)
      expect(info.item(), kind).toBe(0)
      expect(residual(a, l.matmul(transposed(l))), kind).toBeLessThan(10)
      expect(frobenius(l.sub(tril(l))), kind).toBe(0)
      const b = normal(3, [n, 2], dtype)
      const x = choleskySolve(l, b)
      const scale = n * eps(a) * (frobenius(a) * frobenius(x) + frobenius(b))
      expect(frobenius(a.matmul(x).sub(b)) / scale, kind).toBeLessThan(10)
    }
  })

  it.each(sizes)('lu and solve of %i', (n) => {
    for (const [kind, a] of squares(n, dtype)) {
      const { lu: packed, permutation } = lu(a)
      const low = tril(packed, -1)
      const product = low.add(identity(n, dtype)).matmul(packed.sub(low))
      expect(residual(take(a, permutation), product), kind).toBeLessThan(10)
      const b = normal(5, [n, 3], dtype)
      const x = solve(a, b)
      const scale = n * eps(a) * (frobenius(a) * frobenius(x) + frobenius(b))
      expect(frobenius(a.matmul(x).sub(b)) / scale, kind).toBeLessThan(10)
      expect(frobenius(a.matmul(luSolve(lu(a), b)).sub(b)) / scale, kind).toBeLessThan(10)
    }
  })

  it.each([
    [1, 1],
    [3, 2],
    [2, 3],
    [10, 10],
    [40, 7],
    [7, 40],
    [33, 33],
    [100, 65],
    [65, 100],
    [256, 256],
  ])('qr of %i x %i', (m, n) => {
    const list = m === n ? squares(m, dtype) : [['random', normal(1, [m, n], dtype)] as const]
    for (const [kind, a] of list) {
      for (const mode of ['reduced', 'complete'] as const) {
        const { q, r } = qr(a, { mode })
        expect(residual(a, q.matmul(r)), kind).toBeLessThan(10)
        expect(orthogonality(q), kind).toBeLessThan(10)
      }
      const { q, r, permutation } = pivotedQr(a)
      expect(residual(take(a, permutation, 1), q.matmul(r)), kind).toBeLessThan(10)
    }
  })

  it('lu of other shapes', () => {
    for (const [m, n] of [
      [3, 5],
      [5, 3],
      [70, 20],
      [20, 70],
      [64, 40],
      [40, 64],
      [70, 41],
    ]) {
      const a = normal(1, [m, n], dtype)
      const k = Math.min(m, n)
      const { lu: packed, permutation } = lu(a)
      const low = tril(packed.slice([0, m], [0, k]), -1)
      const eye = normal(0, [m, k], dtype)
        .mul(0)
        .add(identity(Math.max(m, n), dtype).slice([0, m], [0, k]))
      const up = packed.slice([0, k], [0, n])
      expect(residual(take(a, permutation), low.add(eye).matmul(up.sub(tril(up, -1))))).toBeLessThan(10)
    }
  })

  it('inverse and triangular solves', () => {
    for (const n of [1, 5, 40, 100]) {
      const a = normal(n, [n, n], dtype).add(identity(n, dtype).mul(2 * n))
      expect(residual(identity(n, dtype), inv(a).matmul(a))).toBeLessThan(10)
      for (const triangle of ['lower', 'upper'] as const) {
        for (const transpose of [false, true]) {
          for (const unitDiagonal of [false, true]) {
            for (const side of ['left', 'right'] as const) {
              const low = unitDiagonal ? tril(a, -1).mul(0.01).add(identity(n, dtype)) : tril(a)
              const t = triangle === 'lower' ? low : transposed(low)
              const op = transpose ? transposed(t) : t
              const given = unitDiagonal ? t.sub(identity(n, dtype)).add(identity(n, dtype).mul(7)) : t
              const b = normal(2, side === 'left' ? [n, 6] : [6, n], dtype)
              const x = triangularSolve(given, b, { triangle, side, transposed: transpose, unitDiagonal })
              expect(residual(b, side === 'left' ? op.matmul(x) : x.matmul(op))).toBeLessThan(20)
              const v = normal(4, [n], dtype)
              const y = triangularSolve(given, v, { triangle, side, transposed: transpose, unitDiagonal })
              expect(residual(v, side === 'left' ? op.matmul(y) : y.matmul(op))).toBeLessThan(20)
            }
          }
        }
      }
    }
  })

  it.each([...sizes.filter((n) => n > 2 && n !== 32)])('inverse and triangular solves of %i, all kinds', (n) => {
    const b = normal(2, [n, 3], dtype)
    for (const [kind, a] of squares(n, dtype)) {
      const inverse = inv(a)
      const scale = n * eps(a) * frobenius(a) * frobenius(inverse)
      expect(frobenius(a.matmul(inverse).sub(identity(n, dtype))) / scale, kind).toBeLessThan(10)
      const { r } = qr(a)
      for (const side of ['left', 'right'] as const) {
        for (const transpose of [false, true]) {
          const given = side === 'left' ? b : transposed(b)
          const t = transpose ? transposed(r) : r
          const x = triangularSolve(r, given, { triangle: 'upper', side, transposed: transpose })
          const image = side === 'left' ? t.matmul(x) : x.matmul(t)
          const size = n * eps(a) * (frobenius(r) * frobenius(x) + frobenius(b))
          expect(frobenius(image.sub(given)) / size, kind).toBeLessThan(10)
        }
      }
      const low = transposed(r)
      const x = triangularSolve(low, b, { triangle: 'lower' })
      const size = n * eps(a) * (frobenius(r) * frobenius(x) + frobenius(b))
      expect(frobenius(low.matmul(x).sub(b)) / size, kind).toBeLessThan(10)
    }
  })
})

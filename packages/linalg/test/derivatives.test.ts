// Derivatives of what has none of its own rules tested elsewhere, against differences.

import { checkGrads } from '@adjoint/conformance'
import { jit, type Tensor } from '@adjoint/core'
import * as random from '@adjoint/core/random'
import { describe, test } from 'vitest'
import {
  bicgstab,
  eigsh,
  hutchinsonDiagonal,
  hutchinsonTrace,
  incompleteCholesky,
  lanczos,
  lanczosQuadrature,
  type MatrixNormOrder,
  matrixNorm,
  minres,
  pivotedCholesky,
  stochasticLogDet,
  toeplitz,
} from '../src/index.js'
import { definite, f64, normal, transposed } from './support.js'

const key = random.key(0)
const spd = definite(1, [4, 4])
const symmetric = (a: Tensor): Tensor => a.add(transposed(a)).mul(0.5)
const b = normal(2, [4])
const tight = { tolerance: 1e-13 }

const cases: [string, (...xs: Tensor[]) => unknown, Tensor[], number][] = [
  ...([1, -1, 2, -2, Infinity, -Infinity, 'frobenius'] as MatrixNormOrder[]).map(
    (order): [string, (...xs: Tensor[]) => unknown, Tensor[], number] => [
      `matrixNorm ${order}`,
      (a) => matrixNorm(a, { order }),
      [normal(3, [3, 4])],
      2,
    ],
  ),
  ['toeplitz', toeplitz, [f64([1, 2, 3]), f64([0, 4])], 1],
  ['minres', (a, y) => minres(symmetric(a), y, tight).x, [spd, b], 2],
  ['bicgstab', (a, y) => bicgstab(a, y, tight).x, [spd, b], 2],
  [
    'lanczos',
    (a) => {
      const { diagonal, offDiagonal } = lanczos(symmetric(a), 3, { start: b })
      return [diagonal, offDiagonal]
    },
    [spd],
    2,
  ],
  [
    'lanczosQuadrature',
    (a) => lanczosQuadrature(symmetric(a), (x) => x.sqrt(), { key, samples: 2, steps: 3 }).value,
    [spd],
    2,
  ],
  ['stochasticLogDet', (a) => stochasticLogDet(symmetric(a), { key, samples: 2, steps: 4 }).value, [spd], 2],
  ['hutchinsonTrace', (a) => hutchinsonTrace(a, { key, samples: 2 }).value, [spd], 1],
  ['hutchinsonDiagonal', (a) => hutchinsonDiagonal(a, { key, samples: 2 }).value, [spd], 1],
  ['pivotedCholesky', (a) => pivotedCholesky(symmetric(a), 2).factor, [spd], 2],
  ['incompleteCholesky', (a, y) => incompleteCholesky(symmetric(a)).apply(y), [spd, b], 1],
]

describe('derivatives', () => {
  test.each(cases)('%s', async (_, fn, args, order) => {
    await checkGrads(jit(fn), args, { order, tolerance: 1e-5 })
  })

  // Each derivative is compiled: one mode, and one direction, are enough here.
  test('eigsh, to the second order', async () => {
    const direction = symmetric(normal(7, [3, 3]))
    const value = (t: Tensor) => eigsh(direction.mul(t).add(definite(1, [3, 3])), 1, { tolerance: 1e-13 }).values.sum()
    await checkGrads(value, [f64(0.1)], { order: 2, modes: ['reverse'], tolerance: 1e-5 })
  })
})

// Eigenvalues and singular values: residuals, orthogonality, hard matrices, repeated values.

import { checkGrads } from '@adjoint/conformance'
import { type DType, grad, mul, type Tensor, vmap } from '@adjoint/core'
import { describe, expect, it } from 'vitest'
import { eigh, eigvalsh, svd, svdvals } from '../src/index.js'
import {
  definite,
  eps,
  f64,
  frobenius,
  graded,
  hilbert,
  identity,
  largest,
  nearlySingular,
  normal,
  residual,
  transposed,
  values,
} from './support.js'

const dtypes: DType[] = ['float64', 'float32']

function orthogonality(q: Tensor): number {
  const n = q.shape[q.ndim - 1]
  return frobenius(transposed(q).matmul(q).sub(identity(n, q.dtype))) / (Math.max(...q.shape) * eps(q))
}

const symmetrised = (a: Tensor): Tensor => a.add(transposed(a)).mul(0.5)

/** Beyond this size only the hard ones: each takes a while. */
const ALL_KINDS = 100

function symmetricCases(n: number, dtype: DType): [string, Tensor][] {
  const row = graded(n, n, dtype).slice([0, n], [0, 1])
  const nearly = n > 1 ? nearlySingular(n, n, dtype) : identity(n, dtype)
  const hard: [string, Tensor][] = [
    ['random', symmetrised(normal(n, [n, n], dtype))],
    ['graded', mul(mul(symmetrised(normal(n, [n, n], dtype)), row), transposed(row))],
    ['nearly singular', nearly.matmul(transposed(nearly))],
    ['Hilbert', hilbert(n, dtype)],
  ]
  if (n > ALL_KINDS) return hard
  return [
    ...hard,
    ['identity', identity(n, dtype)],
    ['zero', identity(n, dtype).mul(0)],
    ['rank one', row.matmul(transposed(row))],
    ['huge', symmetrised(normal(n, [n, n], dtype)).mul(dtype === 'float64' ? 1e200 : 1e30)],
    ['tiny', symmetrised(normal(n, [n, n], dtype)).mul(dtype === 'float64' ? 1e-200 : 1e-30)],
  ]
}

/** `|a - b| / (n eps |a|)`, also for sizes whose squares overflow. */
function scaledResidual(a: Tensor, b: Tensor): number {
  const size = largest(a) || 1
  return residual(a.div(size), b.div(size))
}

describe.each(dtypes)('%s', (dtype) => {
  it.each([1, 2, 3, 10, 33, 64, 100, 256])('eigh of %i', (n) => {
    for (const [kind, a] of symmetricCases(n, dtype)) {
      const { values: w, vectors, info } = eigh(a)
      expect(info.item(), kind).toBe(0)
      expect(orthogonality(vectors), kind).toBeLessThan(10)
      expect(scaledResidual(a, mul(vectors, w).matmul(transposed(vectors))), kind).toBeLessThan(10)
      const list = values(w)
      expect(list, kind).toEqual([...list].sort((x, y) => x - y))
      expect(scaledResidual(w, eigvalsh(a)), kind).toBeLessThan(10)
    }
  })

  it.each([
    [1, 1],
    [2, 2],
    [3, 2],
    [2, 3],
    [10, 10],
    [50, 7],
    [7, 50],
    [33, 33],
    [100, 80],
    [100, 20],
    [128, 128],
    [256, 256],
  ])('svd of %i x %i', (m, n) => {
    const square: [string, Tensor][] =
      m === n
        ? [
            ['graded', graded(m, m, dtype)],
            ['Hilbert', hilbert(m, dtype)],
            ...(m > 1 ? [['nearly singular', nearlySingular(m, m, dtype)] as [string, Tensor]] : []),
            ...(m > ALL_KINDS ? [] : symmetricCases(m, dtype)),
          ]
        : []
    const low = normal(1, [m, 1], dtype).matmul(normal(2, [1, n], dtype))
    for (const [kind, a] of [['random', normal(m, [m, n], dtype)], ['rank one', low], ...square] as const) {
      const { u, s, vt, info } = svd(a)
      expect(info.item(), kind).toBe(0)
      expect(orthogonality(u), kind).toBeLessThan(10)
      expect(orthogonality(transposed(vt)), kind).toBeLessThan(10)
      expect(scaledResidual(a, mul(u, s).matmul(vt)), kind).toBeLessThan(10)
      const list = values(s)
      expect(list, kind).toEqual([...list].sort((x, y) => y - x))
      expect(
        list.every((x) => x >= 0),
        kind,
      ).toBe(true)
      expect(scaledResidual(s, svdvals(a)), kind).toBeLessThan(10)
    }
  })
})

// Squares take the sign of each vector away.
it.each<[string, (a: Tensor) => unknown, Tensor]>([
  ['eigenvalues', eigvalsh, symmetrised(normal(1, [4, 4]))],
  [
    'eigenvectors',
    (a) => {
      const { values: w, vectors } = eigh(a)
      return [w, vectors.square()]
    },
    symmetrised(normal(2, [3, 3])),
  ],
  ['singular values', svdvals, normal(3, [4, 3])],
  [
    'singular vectors',
    (a) => {
      const { u, s, vt } = svd(a)
      return [s, u.square(), vt.square()]
    },
    normal(4, [4, 3]),
  ],
  [
    'singular vectors of a wide matrix',
    (a) => {
      const { u, s, vt } = svd(a)
      return [s, u.square(), vt.square()]
    },
    normal(4, [2, 4]),
  ],
  [
    'singular vectors of a batch',
    (a) => {
      const { u, vt } = svd(a)
      return [u.square(), vt.square()]
    },
    normal(6, [2, 2, 2]),
  ],
])('derivatives of %s', async (_, fn, a) => {
  await checkGrads(fn, [a], { order: 2, tolerance: 1e-5, step: 1e-4 })
})

it('derivatives at repeated eigenvalues are finite, and right for functions of the values', async () => {
  const trace = (a: Tensor) => eigvalsh(a).square().sum()
  expect(values(grad(trace)(identity(3)))).toEqual(values(identity(3).mul(2)))
  const through = (a: Tensor) => eigh(a).vectors.square().sum()
  expect(values(grad(through)(identity(3))).every(Number.isFinite)).toBe(true)
  // The projector on the plane of the repeated eigenvalue.
  const basis = eigh(definite(1, [3, 3])).vectors
  const a = mul(basis, f64([1, 1, 4])).matmul(transposed(basis))
  const projector = (x: Tensor) => {
    const plane = eigh(x).vectors.slice([0, 3], [0, 2])
    return plane.matmul(transposed(plane))
  }
  const weighted = (x: Tensor) => mul(projector(x), normal(3, [3, 3])).sum()
  const step = symmetrised(normal(5, [3, 3])).mul(1e-6)
  const slope = (weighted(a.add(step)).item() - weighted(a.sub(step)).item()) / 2e-6
  const predicted = mul(grad(weighted)(a), step).sum().item() / 1e-6
  expect(predicted).toBeCloseTo(slope, 5)
})

it('batches agree with loops', () => {
  const a = normal(9, [5, 4, 4])
  const s = vmap(svdvals)(a)
  expect(values(s)).toEqual(values(svdvals(a)))
})

it('says where the input is not finite', () => {
  const a = f64([
    [
      [1, NaN],
      [NaN, 1],
    ],
    [
      [2, 0],
      [0, 1],
    ],
  ])
  const { values: w, info } = eigh(a)
  expect(values(info)).toEqual([-1, 0])
  expect(values(w)).toEqual([NaN, NaN, 1, 2])
  expect(values(svd(a).info)).toEqual([-1, 0])
  expect(values(svd(a).s)).toEqual([NaN, NaN, 2, 1])
})

it.each([
  [5, 3],
  [3, 5],
  [4, 4],
  [3, 0],
])('the complete decomposition of %i x %i', (m, n) => {
  for (const a of [normal(1, [2, m, n]), normal(2, [m, 1]).matmul(normal(3, [1, n]))]) {
    const { u, s, vt } = svd(a, { mode: 'complete' })
    expect([u.shape.slice(-2), vt.shape.slice(-2)]).toEqual([
      [m, m],
      [n, n],
    ])
    expect(orthogonality(u)).toBeLessThan(10)
    if (n > 0) expect(orthogonality(vt)).toBeLessThan(10)
    expect(values(s)).toEqual(values(svd(a).s))
    const k = Math.min(m, n)
    const lead = a.shape.slice(0, -2).map((size): [number, number] => [0, size])
    const product = mul(u.slice(...lead, [0, m], [0, k]), s.reshape([...lead.map(([, size]) => size), 1, k]))
    expect(residual(a, product.matmul(vt.slice(...lead, [0, k], [0, n])))).toBeLessThan(10)
  }
  if (m !== n && n > 0)
    expect(() => grad((a: Tensor) => svd(a, { mode: 'complete' }).u.sum())(normal(1, [m, n]))).toThrow(/complete/)
})

it('empty matrices', () => {
  expect(eigh(f64([]).reshape([0, 0])).values.shape).toEqual([0])
  expect(svd(f64([]).reshape([0, 3])).vt.shape).toEqual([0, 3])
  expect(svd(f64([]).reshape([3, 0])).u.shape).toEqual([3, 0])
})

// Functions of matrices against SciPy and NumPy, closed forms and differences.

import { readFileSync } from 'node:fs'
import { checkGrads } from '@adjoint/conformance'
import { fori, grad, jit, type Tensor, vmap } from '@adjoint/core'
import { describe, expect, it } from 'vitest'
import {
  blockDiag,
  cholesky,
  choleskyDowndate,
  choleskyUpdate,
  cond,
  det,
  eigvalsh,
  expm,
  expmFrechet,
  inv,
  kron,
  logm,
  lstsq,
  lu,
  type MatrixNormOrder,
  matrixNorm,
  matrixRank,
  pinv,
  slogdet,
  solve,
  solveToeplitz,
  sqrtm,
  svdvals,
  toeplitz,
  triangularSolve,
  vectorNorm,
} from '../src/index.js'
import { definite, f64, identity, largest, normal, transposed, values } from './support.js'

const figures = JSON.parse(readFileSync(new URL('./reference/figures.json', import.meta.url), 'utf8'))
const given = Object.fromEntries(
  ['a', 'spd', 'tall', 'deficient', 'b', 'column', 'row', 'direction', 'low'].map((name) => [name, f64(figures[name])]),
) as Record<string, Tensor>

function expectClose(actual: Tensor, expected: unknown, tolerance = 1e-12): void {
  const wanted = f64(expected)
  expect(actual.shape).toEqual(wanted.shape)
  expect(largest(actual.sub(wanted))).toBeLessThan(tolerance * Math.max(1, largest(wanted)))
}

describe('as NumPy and SciPy', () => {
  const { a, spd, tall, deficient, b, column, row, direction } = given
  it('exponentials, of all degrees', () => {
    for (const { scale, value } of figures.expm) expectClose(expm(a.mul(scale)), value)
    expectClose(expmFrechet(a, direction), figures.expmFrechet)
  })
  it('square root and logarithm', () => {
    expectClose(sqrtm(spd), figures.sqrtm)
    expectClose(logm(spd), figures.logm)
  })
  it('pseudoinverse and least squares', () => {
    expectClose(pinv(deficient), figures.pinv)
    const { x, rank, singularValues, residuals } = lstsq(deficient, b)
    expectClose(x, figures.lstsq.x)
    expectClose(singularValues, figures.lstsq.s)
    expect(rank.item()).toBe(figures.lstsq.rank)
    expectClose(residuals, values(deficient.matmul(x).sub(b).square().sum(0)))
    expect(lstsq(tall, f64([1, 2, 3, 4, 5, 6])).residuals.shape).toEqual([])
    expect(matrixRank(tall).item()).toBe(3)
    expect(matrixRank(deficient).item()).toBe(2)
    expect(matrixRank(deficient, { rtol: 0.9 }).item()).toBe(1)
  })
  it('determinants', () => {
    expectClose(det(a), figures.det)
    const { sign, logAbsDet } = slogdet(a)
    expectClose(sign, figures.sign)
    expectClose(logAbsDet, figures.logdet)
  })
  it('norms and condition numbers', () => {
    for (const [name, value] of Object.entries(figures.norm)) {
      const order = (Number.isNaN(Number(name)) ? name : Number(name)) as MatrixNormOrder
      expectClose(matrixNorm(a, { order }), value)
      expectClose(cond(a, { order }), figures.cond[name])
    }
  })
  it('Toeplitz, Kronecker, blocks', () => {
    expectClose(toeplitz(column, row), figures.toeplitz)
    const right = b.slice([0, 5])
    expectClose(solveToeplitz(column, row, right), figures.solveToeplitz)
    expectClose(kron(tall, b), figures.kron)
    expectClose(blockDiag(tall, b), figures.blockDiag)
  })
  it('factorisations', () => {
    expectClose(eigvalsh(spd), figures.eigvalsh)
    expectClose(svdvals(tall), figures.svdvals)
    expectClose(inv(a), figures.inv)
    expectClose(cholesky(spd).l, figures.cholesky)
  })
})

it('vector norms', () => {
  const x = f64([3, 0, -4])
  const orders: [number, number][] = [
    [0, 2],
    [1, 7],
    [2, 5],
    [3, 91 ** (1 / 3)],
    [Infinity, 4],
    [-Infinity, 0],
  ]
  for (const [order, value] of orders) expect(vectorNorm(x, { order }).item()).toBeCloseTo(value, 12)
  expect(
    vectorNorm(
      f64([
        [3, 4],
        [6, 8],
      ]),
      { axis: 1, keepDims: true },
    ).shape,
  ).toEqual([2, 1])
})

it('updates and downdates of a Cholesky factor', () => {
  const a = definite(1, [4, 6, 6])
  const v = normal(2, [4, 6])
  const column = v.reshape([4, 6, 1])
  const { l } = cholesky(a)
  const up = choleskyUpdate(l, v)
  expect(values(up.info)).toEqual([0, 0, 0, 0])
  expectClose(up.l, cholesky(a.add(column.matmul(transposed(column)))).l.arraySync(), 1e-13)
  expectClose(choleskyDowndate(up.l, v).l, l.arraySync(), 1e-12)
  expect(choleskyDowndate(identity(2), f64([0, 2])).info.item()).toBe(2)
})

const positive = definite(3, [3, 3])
const near = (seed: number, n: number): Tensor => normal(seed, [n, n]).add(identity(n).mul(3))

it.each<[string, (...xs: Tensor[]) => unknown, Tensor[], number]>([
  ['det', det, [near(1, 3)], 2],
  ['slogdet', (a) => slogdet(a).logAbsDet, [near(2, 3)], 2],
  ['expm', expm, [normal(1, [3, 3])], 3],
  ['expmFrechet', expmFrechet, [normal(1, [2, 2]), normal(2, [2, 2])], 2],
  ['sqrtm', sqrtm, [positive], 3],
  ['sqrtm at repeated eigenvalues', sqrtm, [identity(3).mul(2)], 3],
  ['logm', logm, [positive.mul(0.4)], 2],
  ['logm at repeated eigenvalues', logm, [identity(2).mul(2)], 2],
  ['pinv of a tall matrix', pinv as (a: Tensor) => Tensor, [normal(1, [4, 2])], 2],
  ['pinv of a wide matrix', pinv as (a: Tensor) => Tensor, [normal(1, [2, 4])], 2],
  [
    'lstsq',
    (a, b) => {
      const { x, residuals } = lstsq(a, b)
      return [x, residuals]
    },
    [normal(1, [4, 2]), normal(2, [4])],
    2,
  ],
  ['choleskyUpdate', (l, v) => choleskyUpdate(l, v).l, [cholesky(positive).l, normal(1, [3])], 0],
  ['choleskyDowndate', (a, v) => choleskyDowndate(cholesky(a).l, v).l, [positive, normal(1, [3]).mul(0.3)], 2],
  ['solveToeplitz', solveToeplitz, [f64([4, 1, 0.5]), f64([0, -1, 0.3]), normal(1, [3, 2])], 2],
  ['nuclear norm', (a) => matrixNorm(a, { order: 'nuclear' }), [normal(1, [3, 2])], 2],
  ['cond', (a) => cond(a), [normal(1, [3, 3])], 2],
  ['vectorNorm', (x) => vectorNorm(x, { order: 3 }), [f64([1, -2, 3])], 2],
  ['kron', kron, [normal(1, [2, 2]), normal(2, [1, 2])], 2],
  ['blockDiag', (a, b) => blockDiag(a, b), [normal(1, [2, 2]), normal(2, [1, 2])], 1],
])('derivatives of %s', async (_, fn, args, order) => {
  if (order > 0) await checkGrads(fn, args, { order, tolerance: 1e-5 })
  else expect(values(grad((v: Tensor) => (fn(args[0], v) as Tensor).sum())(args[1])).every(Number.isFinite)).toBe(true)
})

describe('derivatives of determinants of singular matrices', () => {
  const gradient = grad((a: Tensor) => det(a).sum())
  it('are the cofactors', () => {
    const rankOne = f64([
      [1, 2],
      [2, 4],
    ])
    expectClose(gradient(rankOne), [
      [4, -2],
      [-2, 1],
    ])
    expectClose(gradient(f64([[0]])), [[1]])
    expectClose(gradient(identity(3).mul(0)), [
      [0, 0, 0],
      [0, 0, 0],
      [0, 0, 0],
    ])
    const batch = jit(vmap(gradient))(
      f64([
        rankOne.arraySync(),
        [
          [1, 2],
          [3, 4],
        ],
      ]),
    )
    expectClose(batch.slice(1), [
      [4, -3],
      [-2, 1],
    ])
    expectClose(batch.slice(0), [
      [4, -2],
      [-2, 1],
    ])
    expect(
      values(
        gradient(
          f64([
            [1, NaN],
            [1, 1],
          ]),
        ),
      ).every(Number.isNaN),
    ).toBe(true)
  })
  it.each([
    [
      [1, 2, 3],
      [4, 5, 6],
      [7, 8, 9],
    ],
    [
      [0, 0, 0],
      [0, 2, 1],
      [0, 1, 3],
    ],
    [
      [0, 1, 0],
      [0, 0, 2],
      [0, 0, 0],
    ],
  ])('to the second order: rows %j, %j, %j', async (...rows) => {
    await checkGrads(det, [f64(rows)], { order: 2, tolerance: 1e-5 })
  })
})

describe('edges', () => {
  it('says by info what a factorisation met', () => {
    expect(
      cholesky(
        f64([
          [1, 2],
          [2, 1],
        ]),
      ).info.item(),
    ).toBe(2)
    expect(
      values(
        cholesky(
          f64([
            [1, 2],
            [2, 1],
          ]),
        ).l,
      ),
    ).toEqual([NaN, NaN, NaN, NaN])
    expect(
      cholesky(
        f64([
          [1, NaN],
          [NaN, 1],
        ]),
      ).info.item(),
    ).toBe(-1)
    expect(
      lu(
        f64([
          [1, 2],
          [2, 4],
        ]),
      ).info.item(),
    ).toBe(2)
    expect(
      lu(
        f64([
          [1, 2],
          [NaN, 4],
        ]),
      ).info.item(),
    ).toBe(-1)
  })
  it('singular systems give NaN', () => {
    expect(
      values(
        solve(
          f64([
            [1, 2],
            [2, 4],
          ]),
          f64([1, 1]),
        ),
      ),
    ).toEqual([NaN, NaN])
    expect(
      values(
        inv(
          f64([
            [0, 0],
            [0, 0],
          ]),
        ),
      ),
    ).toEqual([NaN, NaN, NaN, NaN])
    expect(
      det(
        f64([
          [1, 2],
          [2, 4],
        ]),
      ).item(),
    ).toBeCloseTo(0, 15)
    expect(
      slogdet(
        f64([
          [1, 2],
          [2, 4],
        ]),
      ).logAbsDet.item(),
    ).toBe(-Infinity)
    expect(
      cond(
        f64([
          [0, 0],
          [0, 1],
        ]),
      ).item(),
    ).toBe(Infinity)
  })
  it('empty and single', () => {
    const empty = f64([]).reshape([0, 0])
    expect(det(empty).item()).toBe(1)
    expect(inv(empty).shape).toEqual([0, 0])
    expect(expm(empty).shape).toEqual([0, 0])
    expect(cholesky(empty).l.shape).toEqual([0, 0])
    expect(pinv(f64([]).reshape([0, 2])).shape).toEqual([2, 0])
    expect(expm(f64([[1]])).item()).toBeCloseTo(Math.E, 14)
    expect(solveToeplitz(f64([2]), f64([2]), f64([4])).item()).toBe(2)
  })
  it('refuses what does not fit', () => {
    expect(() => cholesky(normal(1, [2, 3]))).toThrow(/square matrices/)
    expect(() => solve(identity(2), normal(1, [3]))).toThrow(/right-hand side/)
    expect(() => solve(identity(2), normal(1, [2], 'float32'))).toThrow(/one dtype/)
    expect(() => det(identity(2).cast('int32'))).toThrow(/float32 or float64/)
    expect(() => triangularSolve(identity(2), f64(1))).toThrow(/right-hand side/)
  })
})

it('runs inside a jitted loop, and batched', () => {
  const towards = jit((a: Tensor) =>
    fori(0, 5, (_, x: Tensor) => x.add(solve(a, a.matmul(x).sub(1))).mul(0.5), f64([1, 2, 3])),
  )
  const a = near(5, 3)
  let x = f64([1, 2, 3])
  for (let i = 0; i < 5; i++) x = x.add(solve(a, a.matmul(x).sub(1))).mul(0.5)
  expectClose(towards(a), values(x), 1e-13)
  const batch = normal(1, [4, 3, 3])
  expect(values(vmap(expm)(batch))).toEqual(values(expm(batch)))
  expectClose(jit(vmap(det))(batch), values(det(batch)), 1e-13)
})

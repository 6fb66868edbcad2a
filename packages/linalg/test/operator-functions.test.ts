// Functions of matrices, given operators: the same as for the matrix itself, by the operator's structure where it has one.

import { checkGrads, createFakeAsync } from '@adjoint/conformance'
import {
  add,
  grad,
  jit,
  matmul,
  mul,
  sum,
  type Tensor,
  tensor,
  transpose,
  tree,
  vmap,
  withBackend,
} from '@adjoint/core'
import { describe, expect, test } from 'vitest'
import * as linalg from '../src/index.js'
import {
  blockDiagonalOperator,
  cond,
  denseMatrix,
  det,
  diagonalOperator,
  EXPM_STATUS,
  expm,
  expmMultiply,
  identityOperator,
  inv,
  inverseOperator,
  kroneckerOperator,
  type LinearOperator,
  linearOperator,
  lowRankUpdateOperator,
  lstsq,
  matrixNorm,
  matrixOperator,
  multiplyOperators,
  oneNormEstimate,
  scaleOperator,
  slogdet,
  solve,
  toeplitzOperator,
  transposeOperator,
  triangularOperator,
  tridiagonalOperator,
  tridiagonalSolve,
} from '../src/index.js'
import { definite, f64, identity, largest, normal, residual, values } from './support.js'

const near = (seed: number, n: number): Tensor => normal(seed, [n, n]).add(identity(n).mul(2 * n))
const distance = (a: Tensor, b: Tensor): number => largest(a.sub(b))

const numbers = (result: unknown) => (tree.leaves(result) as Tensor[]).map(values)

const square = near(1, 4)
const sides = [normal(2, [5]), normal(3, [6]).add(6), normal(4, [5])] as const
const [lower, diagonal, upper] = sides

/** Operators that know how to solve, or consist of such. */
const structured: Record<string, LinearOperator> = {
  diagonal: diagonalOperator(diagonal),
  identity: identityOperator(6, { dtype: 'float64' }),
  'lower triangular': triangularOperator(square),
  'upper triangular': triangularOperator(square, { triangle: 'upper' }),
  'unit triangular': triangularOperator(square.mul(0.1), { unitDiagonal: true }),
  tridiagonal: tridiagonalOperator(lower, diagonal, upper),
  'tridiagonal, to be pivoted': tridiagonalOperator(lower.add(3), diagonal.mul(0.1), upper),
  Toeplitz: toeplitzOperator(f64([5, 1, 0.5, -1]), f64([5, -2, 0.3, 1])),
  Kronecker: kroneckerOperator(square, diagonalOperator(f64([1, -2, 3]))),
  blocks: blockDiagonalOperator(square, diagonalOperator(f64([1, -2])), tridiagonalOperator(lower, diagonal, upper)),
  product: multiplyOperators(square, diagonalOperator(f64([1, 2, 3, -4]))),
  multiple: scaleOperator(diagonalOperator(f64([1, 2, 3])), -3),
  'low-rank update': lowRankUpdateOperator(diagonalOperator(diagonal), normal(5, [6, 2])),
  'nonsymmetric update': lowRankUpdateOperator(
    tridiagonalOperator(lower, diagonal, upper),
    normal(5, [6, 2]),
    normal(6, [6, 2]),
  ),
  inverse: inverseOperator(square),
  'inverse of a structure': inverseOperator(tridiagonalOperator(lower, diagonal, upper)),
}

describe.each(Object.entries(structured))('%s', (_, operator) => {
  const dense = denseMatrix(operator)
  const n = dense.shape[0]
  const { shape, dtype, apply, applyTranspose } = operator

  test('is its matrix', () => {
    const plain = linearOperator({ shape, dtype, apply, applyTranspose })
    expect(residual(denseMatrix(plain), dense)).toBeLessThan(10)
    expect(residual(denseMatrix(transposeOperator(plain)), transpose(dense))).toBeLessThan(10)
  })

  test('systems of vectors and columns, also with the transpose', () => {
    const [b, columns] = [normal(7, [n]), normal(8, [n, 3])]
    const scale = 1e-12 * largest(inv(dense))
    expect(distance(solve(operator, b), solve(dense, b))).toBeLessThan(scale)
    expect(distance(solve(operator, columns), solve(dense, columns))).toBeLessThan(scale)
    expect(distance(solve(transposeOperator(operator), b), solve(transpose(dense), b))).toBeLessThan(scale)
    const many = normal(9, [2, n, 3])
    expect(distance(solve(operator, many), solve(dense, many))).toBeLessThan(scale)
    expect(distance(inverseOperator(operator).apply(b), solve(dense, b))).toBeLessThan(scale)
  })

  test('determinants', () => {
    for (const [one, other] of [
      [slogdet(operator), slogdet(dense)],
      [slogdet(inverseOperator(operator)), slogdet(inv(dense))],
      [slogdet(transposeOperator(operator)), slogdet(dense)],
    ]) {
      expect(one.sign.item()).toBe(other.sign.item())
      expect(one.logAbsDet.item()).toBeCloseTo(other.logAbsDet.item(), 11)
    }
    expect(det(operator).item() / det(dense).item()).toBeCloseTo(1, 11)
  })
})

test('structure is what solves: no matrix is formed', () => {
  const never = () => {
    throw new Error('formed')
  }
  const tridiagonal = { ...tridiagonalOperator(lower, diagonal, upper), dense: never }
  const operators = [tridiagonal, { ...structured.diagonal, dense: never }, { ...structured.Toeplitz, dense: never }]
  const pair = [operators[0], operators[1]] as const
  for (const operator of [
    ...operators,
    kroneckerOperator(...pair),
    blockDiagonalOperator(...pair),
    multiplyOperators(...pair),
    scaleOperator(tridiagonal, 2),
    transposeOperator(tridiagonal),
    lowRankUpdateOperator(tridiagonal, normal(1, [6, 1])),
    inverseOperator(tridiagonal),
  ]) {
    const x = normal(3, [operator.shape[0]])
    expect(distance(solve(operator, operator.apply(x)), x)).toBeLessThan(1e-11)
  }
})

/** A cyclic shift, beside a multiple of the identity: known by products alone. */
const products = (far: Tensor): LinearOperator =>
  linearOperator({ shape: [4, 4], dtype: 'float64', apply: (x) => add(mul(x, far), matmul(square, x)) })

test('every function of a matrix takes an operator', () => {
  const operator = products(f64(9))
  const dense = denseMatrix(operator)
  const b = normal(1, [4])
  const symmetric = matrixOperator(definite(2, [4, 4]))
  const { matrixRank, pinv, lu, qr, pivotedQr, svd, svdvals, expmFrechet, kron, blockDiag, triangularSolve } = linalg
  const { cholesky, eigh, eigvalsh, sqrtm, logm } = linalg
  const any: ((a: linalg.MatrixLike) => unknown)[] = [
    (a) => solve(a, b),
    (a) => lstsq(a, b),
    (a) => expmFrechet(a, a),
    (a) => kron(a, a),
    (a) => blockDiag(a, a),
    (a) => triangularSolve(a, b),
    (a) => matrixNorm(a, { order: 1 }),
    (a) => cond(a, { order: 1 }),
    ...[inv, pinv, matrixRank, det, slogdet, lu, qr, pivotedQr, svd, svdvals, expm, matrixNorm, cond],
  ]
  for (const fn of any) expect(numbers(fn(operator))).toEqual(numbers(fn(dense)))
  for (const fn of [cholesky, eigh, eigvalsh, sqrtm, logm])
    expect(numbers(fn(symmetric))).toEqual(numbers(fn(symmetric.dense())))
  expect(
    distance(
      solve((x: Tensor) => matmul(dense, x), b),
      solve(dense, b),
    ),
  ).toBeLessThan(1e-14)
  const columns = normal(5, [4, 2])
  expect(
    distance(
      solve((x: Tensor) => matmul(dense, x), columns),
      solve(dense, columns),
    ),
  ).toBeLessThan(1e-14)
})

test('float32 in, float32 out', () => {
  const [b, side] = [normal(1, [3], 'float32'), normal(2, [2], 'float32')]
  const base = tridiagonalOperator(side, b.mul(0).add(4))
  for (const operator of [
    base,
    diagonalOperator(b.add(4)),
    triangularOperator(normal(3, [3, 3], 'float32').add(identity(3, 'float32').mul(5))),
    toeplitzOperator(tensor([4, 1, 0])),
    kroneckerOperator(base, tensor([[2]])),
    blockDiagonalOperator(tensor([[2]]), diagonalOperator(side.add(4))),
    lowRankUpdateOperator(base, b.reshape([3, 1])),
    scaleOperator(base, 3),
    transposeOperator(base),
    inverseOperator(base),
  ]) {
    const x = solve(operator, b)
    expect([x.dtype, operator.dense().dtype, slogdet(operator).logAbsDet.dtype]).toEqual(Array(3).fill('float32'))
    expect(distance(operator.apply(x), b)).toBeLessThan(1e-5)
    expect(slogdet(operator).logAbsDet.item()).toBeCloseTo(slogdet(operator.dense()).logAbsDet.item(), 4)
  }
  expect(expmMultiply(base, b).x.dtype).toBe('float32')
  expect(distance(expmMultiply(base, b).x, matmul(expm(base), b))).toBeLessThan(1e-3)
  expect(oneNormEstimate(base).dtype).toBe('float32')
})

test('what an operator captures gets gradients, under jit and vmap', () => {
  const b = normal(1, [4])
  const logEvidence = (far: Tensor) => sum(solve(products(far), b)).add(slogdet(products(far)).logAbsDet)
  const dense = (far: Tensor) => {
    const a = add(square, mul(identity(4), far))
    return sum(solve(a, b)).add(slogdet(a).logAbsDet)
  }
  expect(grad(logEvidence)(f64(3)).item()).toBeCloseTo(grad(dense)(f64(3)).item(), 12)
  const lanes = jit(vmap(grad(logEvidence)))(f64([1, 2]))
  expect(distance(lanes, vmap(grad(dense))(f64([1, 2])))).toBeLessThan(1e-12)
})

test.each<[string, (...xs: Tensor[]) => unknown, Tensor[]]>([
  ['tridiagonalSolve', tridiagonalSolve, [f64([1, 0.5]), f64([3, 4, 5]), f64([-1, 1]), normal(1, [3, 2])]],
  ['a diagonal', (d, b) => solve(diagonalOperator(d), b), [f64([1, 2]), f64([3, 4])]],
  ['a transposed triangle', (a, b) => solve(transposeOperator(triangularOperator(a)), b), [near(1, 3), normal(1, [3])]],
  [
    'a Kronecker product',
    (a, b, y) => {
      const product = kroneckerOperator(a, b)
      return [solve(product, y), slogdet(product).logAbsDet]
    },
    [near(1, 2), near(2, 2), normal(1, [4])],
  ],
  [
    'a low-rank update',
    (d, u, b) => {
      const updated = lowRankUpdateOperator(diagonalOperator(d), u)
      return [solve(updated, b), slogdet(updated).logAbsDet]
    },
    [f64([2, 3, 4]), normal(1, [3, 1]), normal(2, [3])],
  ],
  ['an inverse', (a, b) => inverseOperator(a).applyTranspose(b), [near(1, 3), normal(2, [3])]],
])('derivatives of %s', async (_, fn, args) => {
  await checkGrads(fn, args, { order: 2, tolerance: 1e-5 })
})

test('singular structures give NaN, like singular matrices', () => {
  const b = f64([1, 1])
  const zero = f64([
    [1, 0],
    [1, 0],
  ])
  for (const operator of [
    diagonalOperator(f64([0, 1])),
    triangularOperator(zero),
    tridiagonalOperator(f64([1]), f64([1, 1])),
    blockDiagonalOperator(f64([[0]])),
  ]) {
    const x = values(solve(operator, b.slice([0, operator.shape[0]])))
    expect(x.every(Number.isNaN)).toBe(true)
  }
  expect(slogdet(diagonalOperator(f64([0, 1]))).logAbsDet.item()).toBe(-Infinity)
})

describe('tridiagonal systems', () => {
  test('batches broadcast; one entry; float32', () => {
    const [l, d, u] = [normal(1, [3, 4]), normal(2, [5]).add(4), normal(3, [3, 4])]
    const b = normal(4, [3, 5, 2])
    const x = tridiagonalSolve(l, d, u, b)
    for (let i = 0; i < 3; i++) {
      const dense = denseMatrix(tridiagonalOperator(l.slice(i), d, u.slice(i)))
      expect(distance(matmul(dense, x.slice(i)), b.slice(i))).toBeLessThan(1e-13)
    }
    expect(tridiagonalSolve(f64([]), f64([2]), f64([]), f64([4])).item()).toBe(2)
    expect(tridiagonalSolve(tensor([1]), tensor([2, 2]), tensor([1]), tensor([3, 3])).dtype).toBe('float32')
    const lanes = vmap((s: Tensor) => tridiagonalSolve(mul(lower, s), diagonal, upper, normal(1, [6])))(f64([1, 2]))
    expect(distance(lanes.slice(1), tridiagonalSolve(lower.mul(2), diagonal, upper, normal(1, [6])))).toBeLessThan(
      1e-14,
    )
  })

  test.each([2, 3, 10, 101])('residuals of %i, where rows must be exchanged', (n) => {
    const [l, d, u] = [normal(1, [n - 1]), normal(2, [n]).mul(1e-3), normal(3, [n - 1])]
    const x = normal(4, [n])
    const dense = denseMatrix(tridiagonalOperator(l, d, u))
    const y = tridiagonalSolve(l, d, u, matmul(dense, x))
    const scale = n * 2 ** -52 * largest(dense) * Math.max(largest(x), largest(y))
    expect(distance(matmul(dense, y), matmul(dense, x))).toBeLessThan(10 * scale)
  })
})

describe('the exponential times a vector', () => {
  const turn = (seed: number, n: number, scale: number) => normal(seed, [n, n]).mul(scale)
  test.each([0, 1e-8, 0.3, 3, 30])('a matrix of size %d beside its exponential', (scale) => {
    const a = turn(1, 5, scale / 5)
    const b = normal(2, [5])
    const { x, converged, status, error } = expmMultiply(a, b)
    expect([converged.item(), status.item()]).toEqual([1, 0])
    const exact = matmul(expm(a), b)
    expect(distance(x, exact) / largest(exact)).toBeLessThan(1e-13 * (1 + scale))
    expect(error.item()).toBeLessThan(1e-15)
  })

  test('operators, functions of trees, float32, jit and lanes', () => {
    const rates = f64([-1, -200, 3])
    const decay = expmMultiply(diagonalOperator(rates), f64([1, 1, 1]))
    expect(distance(decay.x, rates.exp())).toBeLessThan(1e-11)
    const { x } = expmMultiply(({ u, v }: { u: Tensor; v: Tensor }) => ({ u: v, v: u.neg() }), {
      u: tensor([1]),
      v: tensor([0]),
    })
    expect([x.u.dtype, x.u.item(), x.v.item()]).toEqual([
      'float32',
      expect.closeTo(Math.cos(1), 6),
      expect.closeTo(-Math.sin(1), 6),
    ])
    const a = turn(1, 4, 1)
    const lanes = jit(vmap((t: Tensor) => expmMultiply(scaleOperator(a, t), f64([1, 2, 3, 4])).x))(f64([0.5, 3]))
    expect(distance(lanes.slice(1), matmul(expm(a.mul(3)), f64([1, 2, 3, 4])))).toBeLessThan(1e-11)
  })

  test('derivatives, also where b is an eigenvector', async () => {
    const options = { maxSteps: 2 }
    const of = (a: Tensor, b: Tensor) => expmMultiply(a, b, options).x
    await checkGrads(of, [turn(1, 3, 1), normal(2, [3])], { order: 2, tolerance: 1e-5 })
    const still = diagonalOperator(f64([1, 2])).dense()
    const slope = (fn: (a: Tensor) => Tensor) => grad((a: Tensor) => sum(fn(a)))(still)
    expect(
      distance(
        slope((a) => of(a, f64([1, 0]))),
        slope((a) => expm(a).slice([0, 2], 0)),
      ),
    ).toBeLessThan(1e-13)
  })

  test('what goes wrong is a status', () => {
    const { status, converged } = expmMultiply(identityOperator(2, { dtype: 'float64' }), f64([1, 1]).mul(1), {
      maxSteps: 1,
    })
    expect([status.item(), converged.item()]).toEqual([0, 1])
    expect(expmMultiply(diagonalOperator(f64([1, -100])), f64([1, 1]), { maxSteps: 3 }).status.item()).toBe(1)
    expect(expmMultiply(diagonalOperator(f64([1, Number.NaN])), f64([1, 1])).status.item()).toBe(3)
    expect(expmMultiply(diagonalOperator(f64([1, 1])), f64([1, Number.NaN])).status.item()).toBe(3)
    expect(EXPM_STATUS.length).toBe(4)
    expect(() => expmMultiply(square, f64([1, 2]))).toThrow(/b \[n\]/)
    expect(() => expmMultiply(square, normal(1, [4]), { maxSteps: 0 })).toThrow(/maxSteps 0/)
  })
})

test('the 1-norm, and with the inverse the condition number, from products', () => {
  for (let seed = 0; seed < 20; seed++) {
    const a = normal(seed, [8, 8])
    const exact = matrixNorm(a, { order: 1 }).item()
    const estimate = oneNormEstimate(a).item()
    expect(estimate).toBeLessThanOrEqual(exact * (1 + 1e-14))
    expect(estimate).toBeGreaterThan(exact / 3)
    const condition = estimate * oneNormEstimate(inverseOperator(a)).item()
    expect(condition).toBeGreaterThan(cond(a, { order: 1 }).item() / 9)
  }
})

describe('mistakes are told', () => {
  const wrong: [string, () => unknown, RegExp][] = [
    [
      'a solver that changes the length',
      () =>
        solve(
          rigged((b) => b.slice([0, 1])),
          f64([1, 2]),
        ),
      /a product float64\[1\]/,
    ],
    ['a right-hand side of another length', () => solve(diagonalOperator(f64([1, 2])), f64([1])), /right-hand side/],
    ['a right-hand side of another dtype', () => solve(diagonalOperator(f64([1, 2])), tensor([1, 2])), /one dtype/],
    ['a function where sizes are not known', () => inv(((x: Tensor) => x) as never), /linearOperator/],
    ['no matrix at all', () => solve({} as never, f64([1])), /float32 or float64/],
    ['diagonals that do not fit', () => tridiagonalOperator(f64([1, 2]), f64([1, 2])), /\[\.\.\., n - 1\]/],
    ['a wide matrix', () => inverseOperator(normal(1, [2, 3])), /square/],
    ['an update of another size', () => lowRankUpdateOperator(square, normal(1, [3, 1])), /sizes fit/],
    ['blocks of two dtypes', () => blockDiagonalOperator(square, identityOperator(2)), /cast/],
    ['a Toeplitz matrix that is not square', () => toeplitzOperator(f64([1, 2]), f64([1])), /square/],
  ]
  const rigged = (own: (b: Tensor) => Tensor) =>
    linearOperator({ shape: [2, 2], dtype: 'float64', apply: (x) => x, solve: own })
  test.each(wrong)('%s', (_, run, message) => {
    expect(run).toThrow(message)
  })
})

test('on a device that answers later', async () => {
  const results = withBackend(createFakeAsync(), () => [
    solve(kroneckerOperator(tensor([[2]]), tridiagonalOperator(tensor([1]), tensor([2, 2]))), tensor([6, 6])),
    expmMultiply(diagonalOperator(tensor([0, 0])), tensor([1, 1])).x,
    oneNormEstimate(diagonalOperator(tensor([1, -1]))).reshape([1]),
  ])
  for (const x of results) for (const value of await x.data()) expect(value).toBeCloseTo(1, 5)
})

// Sums, products, multiples, transposes, Kronecker products and block diagonals of operators: again operators.

import {
  AdjointError,
  abs,
  add,
  concat,
  log,
  matmul,
  mul,
  pow,
  reshape,
  sign,
  split,
  type Tensor,
  type TensorLike,
  transpose,
  vmap,
} from '@adjoint/core'
import { blockDiag, kron } from '../functions/blocks.js'
import { type SignedLogDet, slogdet } from '../functions/det.js'
import { solve } from '../solves/solve.js'
import { asOperator } from './elementary.js'
import { flipped, type LinearOperator, linearOperator, type MatrixLike } from './linear-operator.js'

/**
 * A + B + ...: all of one shape and dtype.
 *
 * @throws AdjointError `shape-mismatch`, `dtype-mismatch`
 * @example
 * addOperators(identityOperator(2), diagonalOperator(tensor([1, 2]))).apply(tensor([1, 1]))   // [2, 3]
 */
export function addOperators(...terms: readonly [MatrixLike, ...MatrixLike[]]): LinearOperator {
  const operators = terms.map((term) => asOperator('addOperators', term))
  const [first] = operators
  const { shape, dtype } = first
  for (const other of operators) match('addOperators', first, other, String(other.shape) === String(shape))
  const total = (part: (a: LinearOperator) => Tensor) => operators.map(part).reduce((u, v) => add(u, v))
  return linearOperator({
    shape,
    dtype,
    apply: (x) => total((a) => a.apply(x)),
    applyTranspose: (y) => total((a) => a.applyTranspose(y)),
    dense: () => total((a) => a.dense()),
  })
}

/**
 * The product A B ...: the last factor is applied first. Square factors are solved with one after the other.
 *
 * @throws AdjointError `shape-mismatch` when inner sizes differ, `dtype-mismatch`
 * @example
 * const a = tensor([[1, 2], [3, 4]])
 * multiplyOperators(a, diagonalOperator(tensor([1, 10]))).apply(tensor([1, 1]))   // [21, 43]
 */
export function multiplyOperators(...factors: readonly [MatrixLike, ...MatrixLike[]]): LinearOperator {
  const operators = factors.map((factor) => asOperator('multiplyOperators', factor))
  return operators.reduce((a, b) => {
    match('multiplyOperators', a, b, a.shape[1] === b.shape[0])
    const square = isSquare(a) && isSquare(b)
    return linearOperator({
      shape: [a.shape[0], b.shape[1]],
      dtype: a.dtype,
      apply: (x) => a.apply(b.apply(x)),
      applyTranspose: (y) => b.applyTranspose(a.applyTranspose(y)),
      dense: () => matmul(a.dense(), b.dense()),
      solve: square ? (y) => solve(b, solve(a, y)) : undefined,
      slogdet: square ? () => powers([a, 1], [b, 1]) : undefined,
    })
  })
}

/**
 * A number times an operator.
 *
 * @param factor - a number or a scalar tensor, which gets gradients
 * @example
 * scaleOperator(identityOperator(2), 3).apply(tensor([1, 2]))   // [3, 6]
 */
export function scaleOperator(a: MatrixLike, factor: TensorLike): LinearOperator {
  const operator = asOperator('scaleOperator', a)
  const { shape, dtype } = operator
  const { solve: own, slogdet: ownDeterminant } = operator
  return linearOperator({
    shape,
    dtype,
    apply: (x) => mul(operator.apply(x), factor),
    applyTranspose: (y) => mul(operator.applyTranspose(y), factor),
    dense: () => mul(operator.dense(), factor),
    solve: own && ((b) => own(b).div(factor)),
    slogdet:
      ownDeterminant &&
      (() => {
        const { sign: turned, logAbsDet } = ownDeterminant()
        const size = mul(logAbsDet, 0).add(factor)
        return {
          sign: mul(turned, pow(sign(size), shape[0])),
          logAbsDet: add(logAbsDet, mul(log(abs(size)), shape[0])),
        }
      }),
  })
}

/**
 * Aᵀ.
 *
 * @example
 * transposeOperator(tensor([[1, 2], [3, 4]])).apply(tensor([1, 1]))   // [4, 6]
 */
export function transposeOperator(a: MatrixLike): LinearOperator {
  const operator = asOperator('transposeOperator', a)
  const { shape, dtype, solve: own } = operator
  return linearOperator({
    shape: [shape[1], shape[0]],
    dtype,
    apply: operator.applyTranspose,
    applyTranspose: operator.apply,
    dense: () => transpose(operator.dense()),
    solve: own && flipped(own, shape[0], dtype),
    slogdet: operator.slogdet,
  })
}

/**
 * The Kronecker product: the matrix of blocks `a[i, j] B`. A `[m, n]` and B `[p, q]` give `[m p, n q]`, never formed:
 * one product costs n with B and p with A. Square factors are solved with one by one.
 *
 * @throws AdjointError `dtype-mismatch`
 * @example
 * kroneckerOperator(tensor([[1, 2], [3, 4]]), identityOperator(2)).apply(tensor([1, 0, 0, 1]))   // [1, 2, 3, 4]
 */
export function kroneckerOperator(a: MatrixLike, b: MatrixLike): LinearOperator {
  const [left, right] = [asOperator('kroneckerOperator', a), asOperator('kroneckerOperator', b)]
  match('kroneckerOperator', left, right, true)
  const [[m, n], [p, q]] = [left.shape, right.shape]
  const square = m === n && p === q
  // With x as the rows of X, (A kron B) x is A X Bᵀ.
  const sandwich = (x: Tensor, outer: (v: Tensor) => Tensor, inner: (v: Tensor) => Tensor) =>
    reshape(transpose(vmap(outer)(transpose(vmap(inner)(x)))), [-1])
  return linearOperator({
    shape: [m * p, n * q],
    dtype: left.dtype,
    apply: (x) => sandwich(reshape(x, [n, q]), left.apply, right.apply),
    applyTranspose: (y) => sandwich(reshape(y, [m, p]), left.applyTranspose, right.applyTranspose),
    dense: () => kron(left.dense(), right.dense()),
    solve: square
      ? (y) =>
          sandwich(
            reshape(y, [m, p]),
            (v) => solve(left, v),
            (v) => solve(right, v),
          )
      : undefined,
    slogdet: square ? () => powers([left, p], [right, m]) : undefined,
  })
}

/**
 * Operators along a diagonal, zeros elsewhere. Square blocks are solved with one by one.
 *
 * @throws AdjointError `dtype-mismatch`
 * @example
 * const a = blockDiagonalOperator(tensor([[1, 2], [3, 4]]), identityOperator(1))
 * a.apply(tensor([1, 1, 5]))   // [3, 7, 5]
 */
export function blockDiagonalOperator(...blocks: readonly [MatrixLike, ...MatrixLike[]]): LinearOperator {
  const operators = blocks.map((block) => asOperator('blockDiagonalOperator', block))
  const [first] = operators
  for (const other of operators) match('blockDiagonalOperator', first, other, true)
  const heights = operators.map(({ shape }) => shape[0])
  const widths = operators.map(({ shape }) => shape[1])
  const square = operators.every(isSquare)
  const each = (x: Tensor, sizes: readonly number[], product: (a: LinearOperator, part: Tensor) => Tensor) =>
    concat(split(x, sizes).map((part, i) => product(operators[i], part)))
  const total = (sizes: readonly number[]) => sizes.reduce((sum, size) => sum + size, 0)
  return linearOperator({
    shape: [total(heights), total(widths)],
    dtype: first.dtype,
    apply: (x) => each(x, widths, (a, part) => a.apply(part)),
    applyTranspose: (y) => each(y, heights, (a, part) => a.applyTranspose(part)),
    dense: () => blockDiag(...operators),
    solve: square ? (b) => each(b, heights, (a, part) => solve(a, part)) : undefined,
    slogdet: square ? () => powers(...operators.map((a): [LinearOperator, number] => [a, 1])) : undefined,
  })
}

function isSquare({ shape: [m, n] }: LinearOperator): boolean {
  return m === n
}

/** The determinant of a product of powers. */
function powers(...factors: readonly (readonly [LinearOperator, number])[]): SignedLogDet {
  const parts = factors.map(([a, exponent]) => {
    const { sign, logAbsDet } = slogdet(a)
    return { sign: pow(sign, exponent), logAbsDet: mul(logAbsDet, exponent) }
  })
  return parts.reduce((a, b) => ({ sign: mul(a.sign, b.sign), logAbsDet: add(a.logAbsDet, b.logAbsDet) }))
}

/** @internal Refuses operators of different dtypes, or whose sizes do not fit. */
export function match(fn: string, a: LinearOperator, b: LinearOperator, fits: boolean): void {
  if (fits && a.dtype === b.dtype) return
  throw new AdjointError(fits ? 'dtype-mismatch' : 'shape-mismatch', {
    fn,
    given: [a, b].map(({ shape, dtype }) => `${dtype}[${shape.join(', ')}]`).join(' and '),
    expected: 'operators whose sizes fit and whose dtypes are the same',
    fix: fits ? 'cast() the tensors that they are made of' : undefined,
  })
}

// Linear maps without a matrix: how long vectors go in and come out, what the map does, and what its transpose does.
// The two products are all that iterative methods need (Y. Saad, Iterative Methods for Sparse Linear Systems, 2003).

import { AdjointError, eye, isTensor, type Shape, type Tensor, transpose, vjp, vmap, zeros } from '@adjoint/core'
import type { SignedLogDet } from '../functions/det.js'

/**
 * A linear map from vectors `[n]` to vectors `[m]`: a plain value, whose functions are traceable. Every function of a matrix
 * takes one: it uses `solve` and `slogdet` where they are there, and the matrix itself, `dense`, otherwise.
 */
export interface LinearOperator {
  /** `[m, n]`, as of the matrix. */
  readonly shape: readonly [m: number, n: number]
  readonly dtype: 'float32' | 'float64'
  /** A x. `[n]` -> `[m]` */
  apply(x: Tensor): Tensor
  /** Aᵀ y. `[m]` -> `[n]` */
  applyTranspose(y: Tensor): Tensor
  /** The matrix, `[m, n]`. */
  dense(): Tensor
  /** The x with A x = b, for square operators with a better way than a factorisation of their matrix. `[n]` -> `[n]` */
  readonly solve?: ((b: Tensor) => Tensor) | undefined
  /** Sign and logarithm of the determinant, where that is easier than to factor the matrix. */
  readonly slogdet?: (() => SignedLogDet) | undefined
}

/** What defines a linear operator. */
export interface LinearOperatorSpec {
  /** `[m, n]`, as of the matrix. */
  readonly shape: readonly [m: number, n: number]
  /** Element type of the vectors on both sides. @defaultValue 'float32' */
  readonly dtype?: 'float32' | 'float64'
  /** A x. `[n]` -> `[m]`; what it captures gets gradients. */
  readonly apply: (x: Tensor) => Tensor
  /** Aᵀ y. `[m]` -> `[n]`. @defaultValue found by transposing `apply` */
  readonly applyTranspose?: (y: Tensor) => Tensor
  /** The matrix, `[m, n]`. @defaultValue found by applying the operator to all unit vectors at once */
  readonly dense?: () => Tensor
  /** The x with A x = b, for square operators. `[n]` -> `[n]`. @defaultValue by LU of the matrix */
  readonly solve?: ((b: Tensor) => Tensor) | undefined
  /** Sign and logarithm of the determinant, for square operators. @defaultValue by LU of the matrix */
  readonly slogdet?: (() => SignedLogDet) | undefined
}

/** What stands for a matrix: a tensor `[m, n]`, or an operator. */
export type MatrixLike = Tensor | LinearOperator

/**
 * A linear operator from its product with a vector. What goes in and comes out is checked at each product.
 *
 * @throws AdjointError `invalid-argument` for a shape that is not two sizes; at a product, `shape-mismatch` and `dtype-mismatch`
 * @example
 * const shift = linearOperator({ shape: [3, 3], apply: (x) => concat([slice(x, [1, 3]), zeros([1])]) })
 * shift.apply(tensor([1, 2, 3]))            // [2, 3, 0]
 * shift.applyTranspose(tensor([1, 2, 3]))   // [0, 1, 2]
 */
export function linearOperator({
  shape,
  dtype = 'float32',
  apply,
  applyTranspose,
  dense,
  solve,
  slogdet,
}: LinearOperatorSpec): LinearOperator {
  const [m, n] = checkShape(shape)
  const there = checkedProduct('LinearOperator.apply', apply, dtype, n, m)
  const back = checkedProduct('LinearOperator.applyTranspose', applyTranspose ?? flipped(apply, n, dtype), dtype, m, n)
  return {
    shape: [m, n],
    dtype,
    apply: there,
    applyTranspose: back,
    dense: dense ?? (() => (m < n ? rows(back, m, dtype) : transpose(rows(there, n, dtype)))),
    solve: solve && checkedProduct('LinearOperator.solve', solve, dtype, m, n),
    slogdet,
  }
}

/** @internal The transpose of a linear map of vectors `[n]`. */
export function flipped(map: (x: Tensor) => Tensor, n: number, dtype: 'float32' | 'float64') {
  return (y: Tensor): Tensor => vjp(map, zeros([n], { dtype, backend: y.backend })).pull(y)[0]
}

/** What a map makes of all unit vectors, row by row. */
function rows(map: (x: Tensor) => Tensor, n: number, dtype: 'float32' | 'float64'): Tensor {
  return vmap(map)(eye(n, n, { dtype }))
}

function checkShape(shape: Shape): readonly [number, number] {
  const [m, n] = shape
  if (shape.length === 2 && shape.every((size) => Number.isInteger(size) && size >= 0)) return [m, n]
  throw new AdjointError('invalid-argument', {
    fn: 'linearOperator',
    given: `shape [${shape.join(', ')}]`,
    expected: 'two sizes [m, n]',
  })
}

function checkedProduct(fn: string, product: (x: Tensor) => Tensor, dtype: string, from: number, to: number) {
  return (x: Tensor): Tensor => {
    checkVector(fn, 'a vector', x, dtype, from)
    const y = product(x)
    checkVector(fn, 'a product', y, dtype, to)
    return y
  }
}

function checkVector(fn: string, what: string, x: Tensor, dtype: string, size: number): void {
  if (isTensor(x) && x.dtype === dtype && x.ndim === 1 && x.shape[0] === size) return
  throw new AdjointError(isTensor(x) && x.dtype !== dtype ? 'dtype-mismatch' : 'shape-mismatch', {
    fn,
    given: `${what} ${describeValue(x)}`,
    expected: `${dtype}[${size}]`,
    fix: 'Apply the operator to several vectors with vmap; cast() changes the dtype',
  })
}

/** @internal `float32[2, 3]`, or what it is instead of a tensor. */
export function describeValue(x: unknown): string {
  return isTensor(x) ? `${x.dtype}[${x.shape.join(', ')}]` : `a ${typeof x}`
}

/** @internal Whether a value has the parts of an operator. */
export function isLinearOperator(value: unknown): value is LinearOperator {
  const parts = value as Partial<LinearOperator> | null
  return typeof value === 'object' && typeof parts?.apply === 'function' && typeof parts.dense === 'function'
}

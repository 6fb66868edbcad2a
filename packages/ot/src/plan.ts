// Transport plans: a dense matrix, a list of entries, or an operator; all apply to vectors and turn into a matrix.

import { at, type DType, expandDims, matmul, mul, type Tensor, TREE, take, transpose } from '@adjoint/core'
import { filled } from './filled.js'

/** A coupling P `[n, m]` of two measures. */
export interface Plan {
  /** How it is held: a matrix, a list of entries, or an operator that computes entries when they are asked for. */
  readonly kind: 'dense' | 'sparse' | 'operator'
  /** `[n, m]`. */
  readonly shape: readonly [n: number, m: number]
  /** Of all its numbers. */
  readonly dtype: DType
  /** P v: `[m]` -> `[n]`, or columns `[m, k]` -> `[n, k]`. */
  apply(v: Tensor): Tensor
  /** Pᵀ u: `[n]` -> `[m]`, or columns `[n, k]` -> `[m, k]`. */
  applyTranspose(u: Tensor): Tensor
  /** The matrix `[n, m]`. */
  toDense(): Tensor
}

/**
 * A plan held as a matrix.
 *
 * @example
 * const plan = new DensePlan(tensor([[0.5, 0], [0, 0.5]]))
 * plan.apply(tensor([1, 2]))   // [0.5, 1]
 */
export class DensePlan implements Plan {
  readonly kind = 'dense'
  /** `[n, m]`. */
  readonly matrix: Tensor

  constructor(matrix: Tensor) {
    this.matrix = matrix
  }

  get shape(): readonly [n: number, m: number] {
    return [this.matrix.shape[0], this.matrix.shape[1]]
  }

  get dtype(): DType {
    return this.matrix.dtype
  }

  apply(v: Tensor): Tensor {
    return matmul(this.matrix, v)
  }

  applyTranspose(u: Tensor): Tensor {
    return matmul(transpose(this.matrix), u)
  }

  toDense(): Tensor {
    return this.matrix
  }

  /** @internal */
  static readonly [TREE] = {
    flatten: ({ matrix }: DensePlan) => [matrix] as const,
    unflatten: ([matrix]: readonly [Tensor]) => new DensePlan(matrix),
  }
}

/**
 * A plan held as its entries, in coordinate form: `values[k]` at row `rows[k]` and column `columns[k]`, zero elsewhere;
 * entries of one place add up.
 *
 * @example
 * const [rows, columns] = [tensor([0, 1], { dtype: 'int32' }), tensor([1, 0], { dtype: 'int32' })]
 * const plan = new SparsePlan(tensor([0.5, 0.5]), rows, columns, [2, 2])
 * plan.toDense()   // [[0, 0.5], [0.5, 0]]
 */
export class SparsePlan implements Plan {
  readonly kind = 'sparse'
  readonly shape: readonly [n: number, m: number]
  /** `[entries]`. */
  readonly values: Tensor
  /** int32 `[entries]`. */
  readonly rows: Tensor
  /** int32 `[entries]`. */
  readonly columns: Tensor

  constructor(values: Tensor, rows: Tensor, columns: Tensor, shape: readonly [n: number, m: number]) {
    this.values = values
    this.rows = rows
    this.columns = columns
    this.shape = shape
  }

  get dtype(): DType {
    return this.values.dtype
  }

  apply(v: Tensor): Tensor {
    return this.#gather(v, this.columns, this.rows, this.shape[0])
  }

  applyTranspose(u: Tensor): Tensor {
    return this.#gather(u, this.rows, this.columns, this.shape[1])
  }

  #gather(v: Tensor, from: Tensor, to: Tensor, size: number): Tensor {
    const weights = v.ndim === 1 ? this.values : expandDims(this.values, -1)
    return at(filled(v, [size, ...v.shape.slice(1)], 0), to).add(mul(weights, take(v, from, 0)))
  }

  toDense(): Tensor {
    const { values, rows, columns, shape } = this
    return at(filled(values, shape, 0), rows, columns).add(values)
  }

  /** @internal */
  static readonly [TREE] = {
    flatten: ({ values, rows, columns }: SparsePlan) => [values, rows, columns] as const,
    unflatten: ([values, rows, columns]: readonly [Tensor, Tensor, Tensor], { shape }: SparsePlan) =>
      new SparsePlan(values, rows, columns, shape),
    static: ({ shape }: SparsePlan) => shape.join(),
  }
}

// Eigenvalues and eigenvectors of symmetric matrices.
// Derivative: M. Giles, An extended collection of matrix derivative results for forward and reverse mode AD, 2008.

import { add, bind, bind1, definePrimitive, matmul, mul, type Primitive, type Tensor } from '@adjoint/core'
import { sizeOf } from '@adjoint/core/codegen'
import { diagonalOf, leading, requireSquare, requireSquareOf, transposed } from '../checks.js'
import { symmetricEigen } from '../kernels/eigh.js'
import { type Algorithm, allFinite, cpuKernel, forEachMatrix, referenceRule } from '../kernels/tools.js'
import type { MatrixLike } from '../operators/linear-operator.js'
import { reciprocalGaps } from './gaps.js'

/** Parameters of the primitive `eigh`. */
export interface EighParams {
  readonly vectors: boolean
}

const algorithm: Algorithm<EighParams> = (tools, { inputs: [{ shape }], params }) => {
  const n = shape[shape.length - 1]
  const batch = sizeOf(shape.slice(0, -2))
  return (inputs, outputs) => {
    const a = inputs[0] as Float64Array
    const [values, info] = outputs as [Float64Array, Int32Array]
    const vectors = params.vectors ? (outputs[2] as Float64Array) : null
    forEachMatrix(tools, batch, (b, own) => {
      const at = b * n * n
      const work = own.scratch(n * n)
      const size = symmetricPart(a, at, n, work)
      info[b] = Number.isFinite(size) ? symmetricEigen(own, work, n, values, b * n, vectors, at) : -1
      if (info[b] === 0) for (let i = b * n; i < (b + 1) * n; i++) values[i] *= size
      else {
        values.fill(NaN, b * n, (b + 1) * n)
        vectors?.fill(NaN, at, at + n * n)
      }
    })
  }
}

/** The lower triangle of `(a + a^T) / 2`, divided by a power of two near its largest entry, which is returned. */
function symmetricPart(a: Float64Array, at: number, n: number, out: Float64Array): number {
  if (!allFinite(a, at, n * n)) return NaN
  let largest = 0
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      const value = a[at + i * n + j] / 2 + a[at + j * n + i] / 2
      out[i * n + j] = value
      largest = Math.max(largest, Math.abs(value))
    }
  }
  if (largest === 0) return 1
  const size = 2 ** Math.floor(Math.log2(largest))
  for (let i = 0; i < n * n; i++) out[i] /= size
  return size
}

/** `[a]` -> `[values, info, vectors]`, the last if the parameters ask for it. */
export const eighPrimitive: Primitive<EighParams> = /* @__PURE__ */ definePrimitive<EighParams>(
  '@adjoint/linalg:eigh',
  {
    shape: ([a], { vectors }) => {
      requireSquare('eigh', a)
      const lead = leading(a)
      const values = { shape: a.shape.slice(0, -1), dtype: a.dtype }
      const info = { shape: lead, dtype: 'int32' } as const
      return vectors ? [values, info, { shape: a.shape, dtype: a.dtype }] : [values, info]
    },
    jvp: ([a], [da], outputs, params) => {
      if (da === null) return outputs.map(() => null)
      const symmetric = add(da, transposed(da)).mul(0.5)
      const [values, , vectors] = params.vectors ? outputs : bind(eighPrimitive, [a], { vectors: true })
      const inner = matmul(transposed(vectors), matmul(symmetric, vectors))
      const moved = diagonalOf(inner)
      return params.vectors ? [moved, null, matmul(vectors, mul(reciprocalGaps(values), inner))] : [moved, null]
    },
    vmap: (inputs, _, __, params) => bind(eighPrimitive, inputs, params),
    reference: referenceRule(algorithm),
    kernels: { cpu: cpuKernel(algorithm) },
  },
)

/** What `eigh` returns. */
export interface Eigh {
  /** Eigenvalues in ascending order, `[..., n]`. */
  readonly values: Tensor
  /** Orthonormal eigenvectors, as columns, `[..., n, n]`. */
  readonly vectors: Tensor
  /** int32 `[...]`: 0, or how many values did not converge, or -1 for NaN or infinities; values and vectors are NaN then. */
  readonly info: Tensor
}

/**
 * Eigenvalues and eigenvectors of symmetric matrices. `[..., n, n]`
 *
 * The symmetric part `(a + aᵀ) / 2` is decomposed. Eigenvectors are determined up to their sign, and derivatives are those of
 * this choice. Within a repeated eigenvalue there is no choice to differentiate: those vectors are held fixed to each other,
 * which is right for functions of the eigenvalues and of whole eigenspaces. Functions of the matrix itself have rules of
 * their own: `sqrtm`, `logm`, `expm`.
 *
 * @throws AdjointError `shape-mismatch`, `dtype-mismatch`
 * @example
 * const { values, vectors } = eigh(tensor([[2, 1], [1, 2]]))   // values [1, 3]
 */
export function eigh(a: MatrixLike): Eigh {
  const [values, info, vectors] = bind(eighPrimitive, [requireSquareOf('eigh', a)], { vectors: true })
  return { values, vectors, info }
}

/**
 * The eigenvalues of symmetric matrices in ascending order, without the cost of eigenvectors. `[..., n, n]` -> `[..., n]`
 *
 * @throws AdjointError `shape-mismatch`, `dtype-mismatch`
 * @example
 * eigvalsh(tensor([[2, 1], [1, 2]]))   // [1, 3]
 */
export function eigvalsh(a: MatrixLike): Tensor {
  return bind1(eighPrimitive, [requireSquareOf('eigvalsh', a)], { vectors: false })
}

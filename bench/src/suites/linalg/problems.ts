// The factorisations of the linalg suite, in the words of each library.
import { cholesky, eigh, qr, solve, svd } from '@adjoint/linalg'
import type * as tf from '@tensorflow/tfjs-core'
import { abs, type Tensor } from 'adjoint'
import type { Numbers, Program } from '../../harness/api.js'
import type { jaxjs } from '../../peers/jax.js'
import { flat, type Library, type Matrix, making } from '../../peers/ml-matrix.js'
import { definite, general } from './inputs.js'

export type Jax = Parameters<Parameters<typeof jaxjs>[0]>[0]
export type JaxArray = ReturnType<Jax['numpy']['array']>

/** What a library does for matrices up to `largest` rows: beyond, it takes seconds to minutes. */
interface Limited<Make> {
  readonly largest: number
  readonly make: Make
}

export interface Problem {
  readonly name: 'cholesky' | 'solve' | 'qr' | 'eigh' | 'svd'
  readonly input: (n: number, count?: number) => Float64Array<ArrayBuffer>
  /** Makes the result, and says what to compare: signs of vectors are free. */
  readonly ours: (a: Tensor, b: Tensor) => () => Tensor
  readonly compare?: (made: Tensor) => Tensor
  readonly mlMatrix: (library: Library, a: Matrix, b: Matrix) => Program
  /** All that is made, first what to compare. */
  readonly jax?: Limited<(jax: Jax, a: JaxArray, b: JaxArray) => JaxArray[]>
  readonly tfjs?: Limited<(library: typeof tf, a: tf.Tensor) => tf.Tensor>
  /** Operations on floats for one matrix, as LAPACK counts them; none where they depend on the matrix. */
  readonly flop?: (n: number) => number
}

export const problems: readonly Problem[] = [
  {
    name: 'cholesky',
    input: definite,
    flop: (n) => n ** 3 / 3,
    ours: (a) => () => cholesky(a).l,
    mlMatrix: ({ CholeskyDecomposition }, a) =>
      making(() => new CholeskyDecomposition(a).lowerTriangularMatrix as Matrix, flat),
    jax: { largest: 512, make: ({ lax }, a) => [lax.linalg.cholesky(a)] },
  },
  {
    name: 'solve',
    input: general,
    flop: (n) => (2 * n ** 3) / 3,
    ours: (a, b) => () => solve(a, b),
    mlMatrix: ({ LuDecomposition }, a, b) => making(() => new LuDecomposition(a).solve(b), flat),
    jax: { largest: 512, make: ({ numpy }, a, b) => [numpy.linalg.solve(a, b)] },
  },
  {
    name: 'qr',
    input: general,
    flop: (n) => (8 * n ** 3) / 3,
    ours: (a) => () => qr(a).r,
    compare: abs,
    mlMatrix: ({ QrDecomposition }, a) =>
      making(
        () => {
          const { orthogonalMatrix, upperTriangularMatrix } = new QrDecomposition(a)
          return { orthogonalMatrix, upperTriangularMatrix }
        },
        ({ upperTriangularMatrix }) => upperTriangularMatrix.abs().to1DArray(),
      ),
    tfjs: { largest: 64, make: (library, a) => library.abs(library.linalg.qr(a)[1]) },
  },
  {
    name: 'eigh',
    input: definite,
    ours: (a) => () => eigh(a).values,
    mlMatrix: ({ EigenvalueDecomposition }, a) =>
      making(
        () => new EigenvalueDecomposition(a, { assumeSymmetric: true }),
        ({ realEigenvalues }): Numbers => realEigenvalues.toSorted((x, y) => x - y),
      ),
    jax: { largest: 64, make: ({ numpy }, a) => numpy.linalg.eigh(a) },
  },
  {
    name: 'svd',
    input: general,
    ours: (a) => () => svd(a).s,
    mlMatrix: ({ SingularValueDecomposition }, a) =>
      making(
        () => new SingularValueDecomposition(a),
        ({ diagonal }): Numbers => diagonal,
      ),
    jax: {
      largest: 64,
      make: ({ numpy }, a) => {
        const [u, s, v] = numpy.linalg.svd(a, { fullMatrices: false })
        return [s, u, v]
      },
    },
  },
]

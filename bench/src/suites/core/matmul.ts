// Matrix products: square float32 ones, many small ones, matrix times vector, and float64 against a library of matrices.

import { tensor } from 'adjoint'
import { Matrix } from 'ml-matrix'
import type { Case } from '../../harness/api.js'
import { numbers } from '../../harness/numbers.js'
import { jaxjs, making as onJax } from '../../peers/jax.js'
import { making } from '../../peers/ours.js'
import { making as onTfjs, tfjs } from '../../peers/tfjs.js'

/** A product of two float32 arrays. */
function product(name: string, left: readonly number[], right: readonly number[]): Case {
  const size = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1)
  const [x, y] = [numbers(1, size(left)), numbers(2, size(right))]
  return {
    name,
    ours: () => {
      const [a, b] = [tensor(x, { shape: [...left] }), tensor(y, { shape: [...right] })]
      return making(() => a.matmul(b))
    },
    peers: {
      ...tfjs((tf) => {
        const [a, b] = [tf.tensor(x, [...left]), tf.tensor(y, [...right])]
        return onTfjs(() => tf.matMul(a, b))
      }),
      ...jaxjs(({ numpy }) => {
        const [a, b] = [numpy.array(x, { shape: [...left] }), numpy.array(y, { shape: [...right] })]
        return onJax(() => numpy.matmul(a.ref, b.ref))
      }),
    },
  }
}

/** The product of two square float32 matrices. */
export function matmul(n: number): Case {
  return product(`matmul-${n}`, [n, n], [n, n])
}

export const matvec: Case = product('matvec-2048', [2048, 2048], [2048, 1])
export const batchedMatmul: Case = product('matmul-64x64x64', [64, 64, 64], [64, 64, 64])

/** The product of two square float64 matrices, which the other peers do not have. */
export function matmulDoubles(n: number): Case {
  const [x, y] = [Float64Array.from(numbers(1, n * n)), Float64Array.from(numbers(2, n * n))]
  return {
    name: `matmul-${n}-f64`,
    ours: () => {
      const [a, b] = [tensor(x, { shape: [n, n] }), tensor(y, { shape: [n, n] })]
      return making(() => a.matmul(b))
    },
    peers: {
      'ml-matrix': () => {
        const [a, b] = [Matrix.from1DArray(n, n, x), Matrix.from1DArray(n, n, y)]
        return { step: () => a.mmul(b), result: () => a.mmul(b).to1DArray() }
      },
    },
  }
}

// Products of matrices: square ones, many small ones, matrix times vector.
import { tensor } from 'adjoint'
import type { Case, Setup } from '../../harness/api.js'
import { numbers } from '../../harness/numbers.js'
import { jaxjs, making as onJax } from '../../peers/jax.js'
import { mlMatrix, making as onMlMatrix } from '../../peers/ml-matrix.js'
import { making } from '../../peers/ours.js'
import { numpyScript } from '../../peers/python.js'
import { making as onTfjs, tfjs } from '../../peers/tfjs.js'

type Shape = readonly number[]

interface Operand {
  readonly data: Float32Array | Float64Array
  readonly shape: Shape
}

type Work = NonNullable<Case['work']>
type Peers = (a: Operand, b: Operand) => Record<string, Setup>

const size = (shape: Shape): number => shape.reduce((a, b) => a * b, 1)

const single: Peers = (x, y) => ({
  ...tfjs((tf) => {
    const [a, b] = [tf.tensor(x.data, [...x.shape]), tf.tensor(y.data, [...y.shape])]
    return onTfjs(() => tf.matMul(a, b))
  }),
  ...onBoth(x, y),
})

/** tfjs has no float64. */
const double: Peers = (x, y) => ({
  ...mlMatrix(({ Matrix }) => {
    const [a, b] = [x, y].map(({ data, shape }) => Matrix.from1DArray(shape[0], shape[1], data as Float64Array))
    return onMlMatrix(
      () => a.mmul(b),
      (made) => made.to1DArray(),
    )
  }),
  ...onBoth(x, y),
})

const onBoth: Peers = (x, y) => ({
  ...jaxjs(({ numpy }) => {
    const [a, b] = [x, y].map(({ data, shape }) =>
      numpy.array(data as Float32Array<ArrayBuffer>, { shape: [...shape] }),
    )
    return onJax(() => numpy.matmul(a.ref, b.ref))
  }),
  ...numpyScript({ file: 'suites/core/matmul.py', inputs: { a: x, b: y } }),
})

function product(name: string, x: Operand, y: Operand, work: Work, peers: Peers): Case {
  return {
    name,
    work,
    ours: () => {
      const [a, b] = [x, y].map(({ data, shape }) => tensor(data, { shape: [...shape] }))
      return making(() => a.matmul(b))
    },
    peers: peers(x, y),
  }
}

const floats = (seed: number, shape: Shape): Operand => ({ data: numbers(seed, size(shape)), shape })
const doubles = (seed: number, shape: Shape): Operand => ({
  data: Float64Array.from(numbers(seed, size(shape))),
  shape,
})

/** The product of two square float32 matrices. */
export function matmul(n: number): Case {
  return product(`matmul-${n}`, floats(1, [n, n]), floats(2, [n, n]), { flop: 2 * n ** 3, dtype: 'float32' }, single)
}

/** The product of two square float64 matrices. */
export function matmulDoubles(n: number): Case {
  return product(
    `matmul-${n}-f64`,
    doubles(1, [n, n]),
    doubles(2, [n, n]),
    { flop: 2 * n ** 3, dtype: 'float64' },
    double,
  )
}

const many = [64, 64, 64]

export const batchedMatmul: Case = product(
  'matmul-64x64x64',
  floats(1, many),
  floats(2, many),
  { flop: 2 * 64 ** 4, dtype: 'float32' },
  single,
)

const long = 2048

export const matvec: Case = product(
  'matvec-2048',
  floats(1, [long, long]),
  floats(2, [long, 1]),
  { bytes: 4 * long ** 2 },
  single,
)

export const matvecDoubles: Case = product(
  'matvec-2048-f64',
  doubles(1, [long, long]),
  doubles(2, [long, 1]),
  { bytes: 8 * long ** 2 },
  double,
)

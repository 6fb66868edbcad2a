// Kernels of tfjs 4.22 that are wrong, or not what Adjoint means, each with where that was reported; ours beside them.

import {
  argMax,
  at,
  type Backend,
  cumsum,
  log1p,
  matmul,
  maximum,
  minimum,
  pow,
  prod,
  sign,
  slice,
  type Tensor,
  tensor,
  where,
} from '@adjoint/core'
import type { Tensor as TfjsTensor } from '@tensorflow/tfjs-core'
import * as tf from '@tensorflow/tfjs-core'

type Device = 'cpu' | 'wasm' | 'webgl' | 'webgpu'
type Values = readonly number[]
type DType = 'float32' | 'int32' | 'bool'

/** A call for which tfjs must be worked around. */
export interface Upstream {
  readonly name: string
  /** The thread at tensorflow/tfjs, or that none was found. */
  readonly reported: string
  readonly devices: readonly Device[]
  readonly inputs: readonly (readonly [data: Values, dtype: DType, shape?: readonly number[]])[]
  /** tfjs's own kernel. */
  theirs(...xs: TfjsTensor[]): TfjsTensor
  ours(...xs: Tensor[]): Tensor
  readonly right: Values
}

const UNREPORTED = 'no report found'
const run = (kernel: string, inputs: object, attributes: object = {}): TfjsTensor =>
  tf.engine().runKernel(kernel, inputs as never, attributes as never) as TfjsTensor

/** All such calls. */
export const UPSTREAM: readonly Upstream[] = [
  {
    name: 'the sign of NaN',
    reported: 'tensorflow/tfjs-core#998, on purpose',
    devices: ['cpu', 'wasm'],
    inputs: [[[Number.NaN, -2], 'float32']],
    theirs: (x) => run('Sign', { x }),
    ours: (x) => sign(x),
    right: [Number.NaN, -1],
  },
  {
    name: 'products of integers that wrap',
    reported: UNREPORTED,
    devices: ['cpu'],
    inputs: [
      [[2147483647], 'int32'],
      [[2147483647], 'int32'],
    ],
    theirs: (a, b) => run('Multiply', { a, b }),
    ours: (a, b) => a.mul(b),
    right: [1],
  },
  {
    name: 'a long product of integers that wraps',
    reported: UNREPORTED,
    devices: ['cpu'],
    inputs: [[[65537, 65537, 65537, 65537, 3], 'int32']],
    theirs: (x) => run('Prod', { x }, { axis: [0], keepDims: false }),
    ours: (x) => prod(x),
    right: [786435],
  },
  {
    name: 'powers of one, and of minus one to an infinity',
    reported: 'tensorflow/tfjs#7461',
    devices: ['cpu'],
    inputs: [
      [[1, -1], 'float32'],
      [[Number.NaN, Number.POSITIVE_INFINITY], 'float32'],
    ],
    theirs: (a, b) => run('Pow', { a, b }),
    ours: (a, b) => pow(a, b),
    right: [1, 1],
  },
  {
    name: 'negative integers above 2^24',
    reported: 'tensorflow/tfjs#5641, closed',
    devices: ['wasm'],
    inputs: [[[16777217], 'int32']],
    theirs: (x) => run('Neg', { x }),
    ours: (x) => x.neg(),
    right: [-16777217],
  },
  {
    name: 'sizes of integers above 2^24',
    reported: 'tensorflow/tfjs#5641, closed',
    devices: ['cpu', 'wasm'],
    inputs: [[[-16777217], 'int32']],
    theirs: (x) => run('Abs', { x }),
    ours: (x) => x.abs(),
    right: [16777217],
  },
  {
    name: 'quotients of integers above 2^24',
    reported: UNREPORTED,
    devices: ['wasm'],
    inputs: [
      [[2147483647], 'int32'],
      [[2], 'int32'],
    ],
    theirs: (a, b) => run('FloorDiv', { a, b }),
    ours: (a, b) => a.div(b),
    right: [1073741823],
  },
  {
    name: 'a choice among bools, which are taken for four bytes each',
    reported: UNREPORTED,
    devices: ['wasm'],
    inputs: [
      [[1, 0], 'bool'],
      [[1, 1], 'bool'],
      [[0, 0], 'bool'],
    ],
    theirs: (condition, t, e) => run('Select', { condition, t, e }),
    ours: (condition, yes, no) => where(condition, yes, no),
    right: [1, 0],
  },
  {
    name: 'matrix products of integers',
    reported: UNREPORTED,
    devices: ['wasm'],
    inputs: [
      [[1, 2], 'int32', [1, 1, 2]],
      [[3, 4], 'int32', [1, 2, 1]],
    ],
    theirs: (a, b) => run('BatchMatMul', { a, b }, { transposeA: false, transposeB: false }),
    ours: (a, b) => matmul(a, b),
    right: [11],
  },
  {
    name: 'the greater of a number and NaN',
    reported: 'tensorflow/tfjs#4883, closed',
    devices: ['wasm'],
    inputs: [
      [[Number.NaN, 1], 'float32'],
      [[1, Number.NaN], 'float32'],
    ],
    theirs: (a, b) => run('Maximum', { a, b }),
    ours: (a, b) => maximum(a, b),
    right: [Number.NaN, Number.NaN],
  },
  {
    name: 'the lesser of a number and NaN',
    reported: 'tensorflow/tfjs#4883, closed',
    devices: ['wasm'],
    inputs: [
      [[Number.NaN, 1], 'float32'],
      [[1, Number.NaN], 'float32'],
    ],
    theirs: (a, b) => run('Minimum', { a, b }),
    ours: (a, b) => minimum(a, b),
    right: [Number.NaN, Number.NaN],
  },
  {
    name: 'every second of some integers, which are called floats',
    reported: UNREPORTED,
    devices: ['wasm'],
    inputs: [[[5, 6, 7, 8], 'int32']],
    theirs: (x) => {
      const masks = { beginMask: 0, endMask: 0, ellipsisMask: 0, newAxisMask: 0, shrinkAxisMask: 0 }
      return run('StridedSlice', { x }, { begin: [0], end: [4], strides: [2], ...masks })
    },
    ours: (x) => slice(x, [0, 4, 2]),
    right: [5, 7],
  },
  {
    name: 'the greatest of numbers below -1e20',
    reported: UNREPORTED,
    devices: ['webgl'],
    inputs: [[[-3e20, -2e20], 'float32']],
    theirs: (x) => run('Max', { x }, { reductionIndices: [0], keepDims: false }),
    ours: (x) => x.max(),
    right: [Math.fround(-2e20)],
  },
  {
    name: 'where the greatest is, with NaN',
    reported: UNREPORTED,
    devices: ['cpu', 'wasm'],
    inputs: [[[1, Number.NaN, 2], 'float32']],
    theirs: (x) => run('ArgMax', { x }, { axis: 0 }),
    ours: (x) => argMax(x, 0),
    right: [1],
  },
  {
    name: 'several updates to one place, of which the last stays; on webgpu it is a matter of luck, so not called here',
    reported: UNREPORTED,
    devices: ['webgl'],
    inputs: [
      [[0, 0, 0], 'float32'],
      [[1, 1, 1], 'int32', [3, 1]],
      [[5, 7, 9], 'float32'],
    ],
    theirs: (x, indices, updates) => run('TensorScatterUpdate', { tensor: x, indices, updates }, {}),
    ours: (x, indices, updates) => at(x, indices.reshape([3])).set(updates),
    right: [0, 9, 0],
  },
  {
    name: 'zero by zero',
    reported: UNREPORTED,
    devices: ['webgl'],
    inputs: [
      [[0], 'float32'],
      [[0], 'float32'],
    ],
    theirs: (a, b) => run('RealDiv', { a, b }),
    ours: (a, b) => a.div(b),
    right: [Number.NaN],
  },
  {
    name: 'logarithms of negative numbers in log1p',
    reported: 'tensorflow/tfjs#396, closed, is of log alone',
    devices: ['webgl', 'webgpu'],
    inputs: [[[-3], 'float32']],
    theirs: (x) => run('Log1p', { x }),
    ours: (x) => log1p(x),
    right: [Number.NaN],
  },
  {
    name: 'integers in another order of axes; another one for ours, since tfjs keeps one shader for all dtypes',
    reported: 'tensorflow/tfjs#8638',
    devices: ['webgpu'],
    inputs: [[[31, 47, 59, 83], 'int32', [1, 2, 1, 2]]],
    theirs: (x) => run('Transpose', { x }, { perm: [3, 1, 2, 0] }),
    ours: (x) => x.transpose([3, 2, 1, 0]),
    right: [31, 59, 47, 83],
  },
  {
    name: 'running sums from the end, after others of another length',
    reported: UNREPORTED,
    devices: ['webgpu'],
    inputs: [
      [[1, 2, 3, 4, 5, 6, 7], 'float32', [1, 7]],
      [[1, 2, 3], 'float32', [1, 3]],
    ],
    theirs: (a, b) => {
      const [exclusive, reverse] = [false, true]
      run('Cumsum', { x: b }, { axis: 1, exclusive, reverse }).dispose()
      return run('Cumsum', { x: a }, { axis: 1, exclusive, reverse })
    },
    ours: (a, b) => {
      cumsum(b, 1, { reverse: true }).dispose()
      return cumsum(a, 1, { reverse: true })
    },
    right: [28, 27, 25, 22, 18, 13, 7],
  },
]

/** What the two sides compute; tfjs's error instead of its values where it refuses. */
export async function bothSides(
  { inputs, theirs, ours }: Upstream,
  backend: Backend,
): Promise<{ theirs: Values | string; ours: Values }> {
  // tfjs first: a shader of its that does not run would leave our values, in memory used again.
  const made = async () => {
    const xs = inputs.map(([data, dtype, shape]) => tf.tensor([...data], [...(shape ?? [data.length])], dtype))
    return Array.from(await theirs(...xs).data())
  }
  const found = await made().catch((error: Error) => `an error: ${error.message.slice(0, 200)}`)
  const mine = ours(...inputs.map(([data, dtype, shape]) => tensor(data, { dtype, shape, backend } as never)))
  return { theirs: found, ours: Array.from(await mine.data(), Number) }
}

// Work for every kind of WebAssembly kernel; what comes out is the same to the bit in every engine with SIMD.

import {
  argMax,
  at,
  atan2,
  type Backend,
  cumsum,
  jit,
  logSumExp,
  pow,
  rem,
  softmax,
  sort,
  type Tensor,
  tensor,
  withBackend,
} from '@adjoint/core'

const [ROWS, COLUMNS] = [40, 53]

const WORK: Readonly<Record<string, (x: Tensor) => Tensor>> = {
  softmax: jit((x: Tensor) => softmax(x, 1)),
  logSumExp: jit((x: Tensor) => logSumExp(x, 0)),
  functions: jit((x: Tensor) =>
    x.exp().add(x.tanh()).sub(x.abs().log1p()).mul(x.sin()).div(x.cos().add(2)).add(x.sigmoid()),
  ),
  powers: jit((x: Tensor) =>
    pow(x.abs(), x)
      .add(atan2(x, x.add(0.3)))
      .add(rem(x, 0.7)),
  ),
  product: (x) => x.matmul(x.transpose()),
  vector: (x) => x.matmul(x.sum(0)),
  sorted: (x) => sort(x.flatten()),
  sums: (x) => cumsum(x, 1),
  places: (x) => argMax(x, 1).cast(x.dtype),
  scattered: (x) => at(x, argMax(x, 0).cast('int32').abs()).add(1),
}

/** What each piece of work gives on a backend, as numbers. */
export function results(backend: Backend, dtype: 'float32' | 'float64'): Record<string, number[]> {
  const data = Float64Array.from({ length: ROWS * COLUMNS }, (_, i) => (((i * 7919) % 2003) - 1000) / 350)
  return withBackend(backend, () => {
    const x = tensor(data, { dtype, shape: [ROWS, COLUMNS] })
    return Object.fromEntries(Object.entries(WORK).map(([name, fn]) => [name, Array.from(fn(x).dataSync())]))
  })
}

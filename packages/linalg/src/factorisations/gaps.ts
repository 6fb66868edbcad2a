// Reciprocal distances of eigenvalues and singular values, as the derivatives of their vectors need them.

import { abs, expandDims, le, max, mul, reciprocal, sub, type Tensor, where } from '@adjoint/core'

/** Distances below this many units in the last place of the largest value count as none. */
const CLOSE = 16

/** The smallest difference that counts, for values `[..., n]`. `[..., 1]` */
function resolution(values: Tensor): Tensor {
  const unit = values.dtype === 'float64' ? 2 ** -52 : 2 ** -23
  return mul(max(abs(values), -1, { keepDims: true }), CLOSE * unit)
}

/** `1 / x`, or 0 where x is not resolved. */
export function reciprocalOrZero(x: Tensor, values: Tensor): Tensor {
  return guarded(x, le(abs(x), resolution(values)))
}

/** `1 / (values[j] - values[i])`, or 0 where they coincide. `[..., n]` -> `[..., n, n]` */
export function reciprocalGaps(values: Tensor): Tensor {
  const gap = sub(expandDims(values, -2), expandDims(values, -1))
  return guarded(gap, le(abs(gap), expandDims(resolution(values), -1)))
}

function guarded(x: Tensor, vanishes: Tensor): Tensor {
  return where(vanishes, 0, reciprocal(where(vanishes, 1, x)))
}

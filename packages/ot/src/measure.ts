// The weights of discrete measures: uniform where they are not given, checked, and their faults as a status.

import {
  AdjointError,
  abs,
  all,
  and,
  any,
  ge,
  gt,
  isFinite,
  le,
  maximum,
  mul,
  not,
  or,
  sub,
  sum,
  type Tensor,
  where,
} from '@adjoint/core'
import { requireFloats, requireSameDType, typeOf } from './checks.js'
import { filled } from './filled.js'
import { STATUS } from './status.js'

/** Weights `[size]` like some tensor: those given, or uniform ones of sum 1. */
export function weightsOf(fn: string, name: string, given: Tensor | undefined, size: number, like: Tensor): Tensor {
  if (given === undefined) return filled(like, [size], 1 / size)
  requireFloats(fn, name, given, 1)
  requireSameDType(fn, like, [given])
  if (given.shape[0] === size) return given
  throw new AdjointError('shape-mismatch', { fn, given: `${name} ${typeOf(given)}`, expected: `weights [${size}]` })
}

/** How far sums of weights may differ: rounding of the weights themselves. */
function slack({ dtype, size }: Tensor): number {
  return dtype === 'float64' ? 1e-10 : 1e-5 * Math.max(1, Math.log2(size) / 4)
}

/**
 * A status of weights, int32: 0, or that they are negative, not finite or all zero, or that their sums differ by
 * more than rounding.
 *
 * @param balanced - whether the sums must agree
 */
export function weightStatus(a: Tensor, b: Tensor, balanced: boolean): Tensor {
  const good = (w: Tensor) => and(and(all(ge(w, 0)), all(isFinite(w))), any(gt(w, 0)))
  const bad = not(and(good(a), good(b)))
  const [massA, massB] = [sum(a), sum(b)]
  const room = mul(maximum(abs(massA), abs(massB)), Math.max(slack(a), slack(b)))
  const equal = balanced ? le(abs(sub(massA, massB)), room) : or(bad, not(bad))
  return where(bad, STATUS.badWeights, where(equal, STATUS.converged, STATUS.unequalMasses)).cast('int32')
}

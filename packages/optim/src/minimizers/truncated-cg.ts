// Conjugate gradients on a quadratic model inside a ball, ended by a tolerance, the ball, or negative curvature.
// T. Steihaug, The Conjugate Gradient Method and Trust Regions in Large Scale Optimization, 1983.

import {
  add,
  and,
  div,
  gt,
  le,
  lt,
  matmul,
  maximum,
  mul,
  neg,
  not,
  or,
  sqrt,
  square,
  sub,
  sum,
  type Tensor,
  where,
  whileLoop,
  zerosLike,
} from '@adjoint/core'
import { flag, integer } from '../numbers.js'

/** What ends the iteration, beside the model itself. */
export interface TruncationOptions {
  /** Residual norm that is small enough. */
  readonly target: Tensor
  readonly maxSteps: number
  /** Radius of the ball; without one, negative curvature ends at the last point (or along the gradient at once). */
  readonly radius?: Tensor
}

interface State {
  readonly p: Tensor
  /** Gradient of the model at p. */
  readonly r: Tensor
  readonly d: Tensor
  readonly rr: Tensor
  readonly steps: Tensor
  /** Whether the ball or negative curvature ended it. */
  readonly stopped: Tensor
  readonly bounded: Tensor
}

/** Makes `grad · p + p · H p / 2` small; H by its products. Says whether p ends on the sphere. */
export function truncatedCg(
  times: (v: Tensor) => Tensor,
  grad: Tensor,
  { target, maxSteps, radius }: TruncationOptions,
): { p: Tensor; bounded: Tensor } {
  const body = (s: State): State => {
    const product = times(s.d)
    const curvature = matmul(s.d, product)
    const alpha = div(s.rr, curvature)
    const inside = add(s.p, mul(s.d, alpha))
    const bent = not(gt(curvature, 0))
    const far = radius === undefined ? flag(s.rr, false) : le(square(radius), sum(mul(inside, inside)))
    const stopped = or(bent, far)
    // Without a ball: the last point, or at once the negative gradient.
    const edge = radius === undefined ? where(gt(s.steps, 0), s.p, s.d) : toSphere(s.p, s.d, radius)
    const r = add(s.r, mul(product, alpha))
    const rr = matmul(r, r)
    return {
      p: where(stopped, edge, inside),
      r: where(stopped, s.r, r),
      d: where(stopped, s.d, sub(mul(s.d, div(rr, s.rr)), r)),
      rr: where(stopped, s.rr, rr),
      steps: add(s.steps, 1),
      stopped,
      bounded: radius === undefined ? far : stopped,
    }
  }
  const { p, bounded } = whileLoop<State>({
    cond: (s) => and(not(s.stopped), and(gt(sqrt(s.rr), target), lt(s.steps, maxSteps))),
    body,
    init: {
      p: zerosLike(grad),
      r: grad,
      d: neg(grad),
      rr: matmul(grad, grad),
      steps: integer(grad, 0),
      stopped: flag(grad, false),
      bounded: flag(grad, false),
    },
  })
  return { p, bounded }
}

/** From inside a ball along a direction to its sphere. */
function toSphere(p: Tensor, d: Tensor, radius: Tensor): Tensor {
  const [a, b, c] = [matmul(d, d), matmul(p, d), sub(matmul(p, p), square(radius))]
  const root = sqrt(maximum(sub(square(b), mul(a, c)), 0))
  // Of the two forms of the positive root, the one in which nothing cancels.
  const tau = where(gt(b, 0), div(neg(c), add(b, root)), div(sub(root, b), a))
  return add(p, mul(d, tau))
}

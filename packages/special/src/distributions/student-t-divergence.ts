// The divergence of two Student t distributions, for which there is no closed form: the trapezoidal rule, which converges
// exponentially (L. N. Trefethen, J. A. C. Weideman, The Exponentially Convergent Trapezoidal Rule, 2014).
//
// With t = sqrt(nu) sinh(u) the density becomes cosh(u)^-nu. The path runs below the real axis, away from the points where
// log(c^2 + (m + s t)^2) is singular; that is the real part of 2 log(c + i (m + s t)), which is analytic there.

import {
  abs,
  add,
  arange,
  atan2,
  cos,
  div,
  exp,
  expandDims,
  expm1,
  log,
  log1p,
  lt,
  minimum,
  mul,
  neg,
  sign,
  sin,
  sqrt,
  square,
  stopGradient,
  sub,
  sum,
  type Tensor,
  where,
} from '@adjoint/core'
import { lbeta } from '../beta.js'

/** Parameters of a Student t distribution. */
interface Parameters {
  readonly degrees: Tensor
  readonly location: Tensor
  readonly scale: Tensor
}

const COUNT = 769
/** Up to about here nodes are even in u; from here on their distances grow. */
const EVEN = 25
/** Where the density has fallen to exp(-40) of its height. */
const FALL = 40

const sinh = (x: Tensor): Tensor => {
  const rise = expm1(x)
  return mul(add(rise, div(rise, add(rise, 1))), 0.5)
}

/** The inverse of sinh, for x >= 0. */
const asinh = (x: Tensor): Tensor => log1p(add(x, div(square(x), add(sqrt(add(square(x), 1)), 1))))

/** What depends on the degrees of freedom alone; `[..., nodes]`, without derivatives. */
interface Path {
  /** exp(-|u|), but 1 around 0, where hyperbolic functions need no scale. */
  readonly shrink: Tensor
  /** -log(shrink) */
  readonly growth: Tensor
  readonly isNear: Tensor
  /** Real and imaginary part of shrink times sinh and cosh on the path. */
  readonly sinhParts: readonly [Tensor, Tensor]
  readonly coshParts: readonly [Tensor, Tensor]
  /** log |cosh| on the path. */
  readonly logCosh: Tensor
  /** Distances of the nodes. */
  readonly steps: Tensor
}

function pathFor(nu: Tensor): Path {
  const grid = sub(mul(arange(0, COUNT, 1, { dtype: nu.dtype as 'float64', backend: nu.backend }), 2 / (COUNT - 1)), 1)
  const end = add(div(FALL, nu), log1p(sqrt(neg(expm1(div(-2 * FALL, nu))))))
  const reach = mul(asinh(div(end, EVEN)), EVEN)
  const v = div(mul(grid, reach), EVEN)
  const u = mul(sinh(v), EVEN)
  const size = abs(u)
  const isNear = lt(size, 1)
  const shrink = where(isNear, 1, exp(neg(size)))
  const fall = exp(mul(size, -2))
  const nearSinh = sinh(where(isNear, u, 0))
  const scaledSinh = where(isNear, nearSinh, mul(sign(u), mul(sub(1, fall), 0.5)))
  const scaledCosh = where(isNear, sqrt(add(square(nearSinh), 1)), mul(add(1, fall), 0.5))
  const below = minimum(div(1.5, sqrt(nu)), Math.PI / 4)
  const [c, s] = [cos(below), sin(below)]
  const near = mul(log1p(sub(square(nearSinh), square(s))), 0.5)
  const far = add(size, mul(log(add(square(mul(scaledCosh, c)), square(mul(scaledSinh, s)))), 0.5))
  return {
    shrink,
    growth: where(isNear, 0, size),
    isNear,
    sinhParts: [mul(scaledSinh, c), neg(mul(scaledCosh, s))],
    coshParts: [mul(scaledCosh, c), neg(mul(scaledSinh, s))],
    logCosh: where(isNear, near, far),
    steps: mul(mul(reach, 2 / (COUNT - 1)), sqrt(add(square(sinh(v)), 1))),
  }
}

/** log(1 + (shift + factor sinh)^2) / 2 as the real part of a logarithm, on the path. */
function logarithmOn(
  { shrink, growth, isNear, sinhParts }: Path,
  shift: Tensor,
  factor: Tensor,
): readonly [Tensor, Tensor] {
  // shrink (1 + i (shift + factor sinh))
  const rise = neg(mul(factor, sinhParts[1]))
  const real = add(shrink, rise)
  const across = add(mul(shift, shrink), mul(factor, sinhParts[0]))
  const excess = add(mul(rise, add(mul(shrink, 2), rise)), square(across))
  const near = log1p(where(isNear, excess, 0))
  const far = log(where(isNear, 1, add(square(real), square(across))))
  const size = mul(where(isNear, near, far), 0.5)
  return [add(size, growth), atan2(across, real)]
}

/** KL(p || q). */
export function studentTDivergence(p: Parameters, q: Parameters): Tensor {
  const [nu, other] = [p.degrees, q.degrees]
  const wide = (x: Tensor): Tensor => expandDims(x, -1)
  const path = pathFor(wide(stopGradient(nu)))
  const shift = div(sub(p.location, q.location), mul(q.scale, sqrt(other)))
  const factor = mul(div(p.scale, q.scale), sqrt(div(nu, other)))
  // log q less log p, but for the constants.
  const [ownSize, ownAngle] = logarithmOn(path, wide(mul(nu, 0)), wide(add(mul(nu, 0), 1)))
  const [size, angle] = logarithmOn(path, wide(shift), wide(factor))
  const [ownWeight, weight] = [wide(add(nu, 1)), wide(add(other, 1))]
  const real = sub(mul(weight, size), mul(ownWeight, ownSize))
  const imaginary = sub(mul(weight, angle), mul(ownWeight, ownAngle))
  const amplitude = exp(neg(add(mul(wide(nu), path.logCosh), wide(lbeta(mul(nu, 0.5), 0.5)))))
  const phase = neg(mul(wide(nu), atan2(path.coshParts[1], path.coshParts[0])))
  const value = mul(amplitude, sub(mul(real, cos(phase)), mul(imaginary, sin(phase))))
  const expectation = sum(mul(value, path.steps), -1)
  const height = (d: Parameters): Tensor =>
    add(log(d.scale), add(mul(log(d.degrees), 0.5), lbeta(mul(d.degrees, 0.5), 0.5)))
  return add(expectation, sub(height(q), height(p)))
}

// The loop of LSQR: Golub-Kahan bidiagonalisation, with rotations that make the small problem triangular as it grows.
// C. C. Paige, M. A. Saunders, LSQR: An Algorithm for Sparse Linear Equations and Sparse Least Squares, 1982.

import {
  abs,
  add,
  and,
  cast,
  div,
  eq,
  ge,
  gt,
  isFinite,
  le,
  max,
  mul,
  not,
  or,
  sqrt,
  type Tensor,
  tree,
  where,
  whileLoop,
} from '@adjoint/core'
import { failure, STATUS } from './report.js'
import { axpy, choose, epsilon, hypot, integer, scalar, vectorNorm } from './vectors.js'

/** A linear map of vectors. */
export type Product = (v: Tensor) => Tensor

/** When to stop. */
export interface Limits {
  readonly tolerance: number
  readonly maxSteps: number
}

/** A vector in the range of Aᵀ; where it is asked for, with what it is the image of. */
interface Right {
  readonly x: Tensor
  readonly source: Tensor
}

interface State {
  readonly u: Tensor
  readonly v: Right
  readonly w: Right
  readonly solution: Right
  readonly alpha: Tensor
  readonly rhoBar: Tensor
  readonly phiBar: Tensor
  /** Estimate of |Aᵀ r|. */
  readonly normal: Tensor
  /** Sum of squares of the bidiagonal matrix: an estimate of |A|². */
  readonly squares: Tensor
  readonly iterations: Tensor
  readonly status: Tensor
}

/** The shortest x with the least `|b - A x|`. With `sources` it also returns y with `x = Aᵀ y`. */
export function bidiagonalize(apply: Product, transposed: Product, given: Tensor, limits: Limits, sources: boolean) {
  const { tolerance, maxSteps } = limits
  // With a largest entry of 1, neither a tiny nor a huge right-hand side leaves the range of float32.
  const largest = max(abs(given))
  const scale = where(and(gt(largest, 0), isFinite(largest)), largest, 1)
  const b = div(given, scale)
  const back = (u: Tensor): Right => ({ x: transposed(u), source: sources ? u : scalar(u, 0) })
  const times = (v: Right, s: Tensor): Right => tree.map((x: Tensor) => mul(x, s), v)
  const plus = (u: Right, s: Tensor, v: Right): Right => tree.map((x: Tensor, y: Tensor) => axpy(x, s, y), u, v)
  const size = vectorNorm(b)
  const u = mul(b, inverse(size))
  const image = back(u)
  const alpha = vectorNorm(image.x)
  const v = times(image, inverse(alpha))
  const least = Math.max(tolerance, epsilon(b))
  const met = ({ phiBar, normal, squares, solution }: State) => {
    const norm = sqrt(squares)
    const consistent = le(phiBar, mul(add(mul(norm, vectorNorm(solution.x)), size), least))
    return or(consistent, le(normal, mul(mul(norm, phiBar), least)))
  }
  const init: State = {
    u,
    v,
    w: v,
    solution: times(v, scalar(b, 0)),
    alpha,
    rhoBar: alpha,
    phiBar: size,
    normal: mul(alpha, size),
    squares: mul(alpha, alpha),
    iterations: integer(b, 0),
    status: integer(b, 0),
  }
  const end = whileLoop<State>({
    cond: (state) => and(and(not(met(state)), isFinite(state.phiBar)), eq(state.status, 0)),
    body: (state) => {
      const { iterations, status, ...here } = state
      const along = axpy(apply(here.v.x), mul(here.alpha, -1), here.u)
      const beta = vectorNorm(along)
      const u = mul(along, inverse(beta))
      const across = plus(back(u), mul(beta, -1), here.v)
      const alpha = vectorNorm(across.x)
      const v = times(across, inverse(alpha))
      const rho = hypot(here.rhoBar, beta)
      const [cosine, sine] = [div(here.rhoBar, rho), div(beta, rho)]
      const phiBar = mul(sine, here.phiBar)
      const moved = {
        u,
        v,
        w: plus(v, mul(div(mul(sine, alpha), rho), -1), here.w),
        solution: plus(here.solution, div(mul(cosine, here.phiBar), rho), here.w),
        alpha,
        rhoBar: mul(mul(cosine, alpha), -1),
        phiBar,
        normal: mul(mul(phiBar, alpha), abs(cosine)),
        squares: add(here.squares, add(mul(alpha, alpha), mul(beta, beta))),
      }
      const sound = isFinite(add(phiBar, alpha))
      return {
        ...choose(sound, moved, here),
        iterations: add(iterations, 1),
        status: where(sound, status, failure(add(alpha, beta))),
      }
    },
    init,
    maxSteps,
  }) as State
  const unmet = cast(where(ge(end.iterations, maxSteps), STATUS.maxSteps, STATUS.notFinite), 'int32')
  return {
    x: mul(end.solution.x, scale),
    source: sources ? mul(end.solution.source, scale) : end.solution.source,
    iterations: end.iterations,
    status: where(gt(end.status, 0), end.status, where(met(end), STATUS.converged, unmet)),
  }
}

/** 1 / x, and 0 for 0: a vector of length 0 stays what it is. */
function inverse(x: Tensor): Tensor {
  return div(1, where(gt(x, 0), x, 1))
}

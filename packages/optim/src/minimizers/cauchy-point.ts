// The first minimum of a quadratic model along the projected gradient: a broken line, from one bound to the next.
// R. H. Byrd, P. Lu, J. Nocedal, C. Zhu, A Limited Memory Algorithm for Bound Constrained Optimization, 1995, section 4.

import {
  add,
  and,
  argsort,
  clip,
  div,
  ge,
  gt,
  lt,
  matmul,
  maximum,
  minimum,
  mul,
  ne,
  neg,
  sub,
  sum,
  type Tensor,
  take,
  where,
  whileLoop,
} from '@adjoint/core'
import { epsilonOf, integer, scalar } from '../numbers.js'
import type { CompactHessian } from './compact-hessian.js'
import type { Box } from './problem.js'

interface State {
  /** Pieces of the line that lie behind, int32. */
  readonly piece: Tensor
  readonly time: Tensor
  /** Slope and curvature of the model along the present piece. */
  readonly slope: Tensor
  readonly curvature: Tensor
  /** Wᵀ times the present direction, and times the way so far. */
  readonly p: Tensor
  readonly c: Tensor
}

/** The point, from x along -grad projected on the box. */
export function cauchyPoint(x: Tensor, grad: Tensor, { theta, w, m }: CompactHessian, box: Box): Tensor {
  const wall = where(lt(grad, 0), box.upper, box.lower)
  const times = where(ne(grad, 0), maximum(div(sub(x, wall), grad), 0), Infinity)
  const order = argsort(times)
  const [ends, slopes, rows] = [take(times, order), take(grad, order), take(w, order)]
  const form = (a: Tensor, b: Tensor): Tensor => matmul(a, matmul(m, b))
  const floor = mul(mul(theta, sum(mul(grad, grad))), epsilonOf(x))
  const toMinimum = (s: State): Tensor => div(neg(s.slope), maximum(s.curvature, floor))
  const n = x.size
  const end = (piece: Tensor): Tensor => take(ends, minimum(piece, n - 1))
  const body = (s: State): State => {
    const [t, g, row] = [end(s.piece), take(slopes, s.piece), take(rows, s.piece)]
    const span = sub(t, s.time)
    const c = add(s.c, mul(s.p, span))
    const bent = add(sub(mul(g, g), mul(mul(mul(g, g), t), theta)), neg(mul(g, form(row, c))))
    return {
      piece: add(s.piece, 1),
      time: t,
      slope: add(add(s.slope, mul(s.curvature, span)), bent),
      curvature: sub(
        sub(s.curvature, mul(theta, mul(g, g))),
        add(mul(mul(g, form(row, s.p)), 2), mul(mul(g, g), form(row, row))),
      ),
      p: add(s.p, mul(row, g)),
      c,
    }
  }
  const p = neg(matmul(grad, w))
  const steepness = sum(mul(grad, grad))
  const last = whileLoop<State>({
    cond: (s) => and(lt(s.piece, n), and(gt(toMinimum(s), 0), ge(add(s.time, toMinimum(s)), end(s.piece)))),
    body,
    init: {
      piece: integer(x, 0),
      time: scalar(x, 0),
      slope: neg(steepness),
      curvature: sub(mul(theta, steepness), form(p, p)),
      p,
      c: mul(p, 0),
    },
    maxSteps: n,
  })
  const time = add(last.time, maximum(toMinimum(last), 0))
  const moved = where(ge(time, times), wall, sub(x, mul(grad, time)))
  return clip(where(ne(grad, 0), moved, x), box.lower, box.upper)
}

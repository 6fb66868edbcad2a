// Anderson acceleration: the next iterate mixes the last ones so that their residuals cancel as well as they can.
// D. G. Anderson, Iterative Procedures for Nonlinear Integral Equations, 1965; H. F. Walker, P. Ni, Anderson
// Acceleration for Fixed-Point Iterations, 2011.

import {
  add,
  and,
  cast,
  concat,
  div,
  eq,
  expandDims,
  eye,
  gt,
  isFinite,
  le,
  lt,
  matmul,
  mul,
  norm,
  slice,
  sub,
  type Tensor,
  transpose,
  where,
  whileLoop,
  zeros,
} from '@adjoint/core'
import { qr, triangularSolve } from '@adjoint/linalg'
import { ended } from '../minimizers/descend.js'
import { epsilonOf, integer, largest } from '../numbers.js'
import { STATUS } from '../status.js'
import type { RootOutcome } from './problem.js'

/** A map whose residual `f(x) - x` is to vanish. */
export interface FixedPointProblem {
  readonly residual: (x: Tensor) => Tensor
  readonly start: Tensor
  readonly tolerance: number
  readonly maxSteps: number
}

interface State {
  readonly x: Tensor
  readonly residual: Tensor
  /** Last moves, newest first, and what they changed in the residual. `[memory, n]` */
  readonly moves: Tensor
  readonly changes: Tensor
  readonly iterations: Tensor
  readonly status: Tensor
}

/** Iterates to a fixed point. */
export function anderson(
  { residual: evaluate, start, tolerance, maxSteps }: FixedPointProblem,
  memory: number,
  mixing: number,
): RootOutcome {
  const judge = (r: Tensor): Tensor => {
    const size = largest(r)
    const open = where(le(size, tolerance), STATUS.converged, STATUS.running)
    return cast(where(isFinite(size), open, STATUS.notFinite), 'int32')
  }
  const body = (s: State): State => {
    const step = memory === 0 ? mul(s.residual, mixing) : mixed(s, mixing)
    const x = add(s.x, step)
    const residual = evaluate(x)
    return {
      x,
      residual,
      moves: push(s.moves, step),
      changes: push(s.changes, sub(residual, s.residual)),
      iterations: add(s.iterations, 1),
      status: judge(residual),
    }
  }
  const rows = zeros([memory, start.size], { dtype: start.dtype as 'float64', backend: start.backend })
  const first = evaluate(start)
  const { x, residual, iterations, status } = whileLoop<State>({
    cond: (s) => and(eq(s.status, STATUS.running), lt(s.iterations, maxSteps)),
    body,
    init: {
      x: start,
      residual: first,
      moves: rows,
      changes: rows,
      iterations: integer(start, 0),
      status: judge(first),
    },
  })
  return { x, error: largest(residual), iterations, evaluations: add(iterations, 1), status: ended(status) }
}

/** The mixed step: the residual and the moves, less what the changes of the residual explain. */
function mixed({ residual, moves, changes }: State, mixing: number): Tensor {
  const [m] = changes.shape
  const sizes = norm(changes, 1)
  const inverse = where(gt(sizes, 0), div(1, sizes), 0)
  // Columns of length 1 (0 where there is no move yet) over a small ridge: nearly dependent moves do no harm.
  const columns = transpose(mul(changes, expandDims(inverse, 1)))
  const { dtype, backend } = residual as { dtype: 'float64'; backend: Tensor['backend'] }
  const ridge = mul(eye(m, m, { dtype, backend }), Math.sqrt(epsilonOf(residual)))
  const { q, r } = qr(concat([columns, ridge]))
  const right = matmul(concat([residual, zeros([m], { dtype, backend })]), q)
  const weights = mul(triangularSolve(r, right, { triangle: 'upper' }), inverse)
  return sub(mul(residual, mixing), matmul(weights, add(moves, mul(changes, mixing))))
}

function push(rows: Tensor, row: Tensor): Tensor {
  const [m] = rows.shape
  if (m === 0) return rows
  return m === 1 ? expandDims(row, 0) : concat([expandDims(row, 0), slice(rows, [0, m - 1])])
}

// How the solvers of this package end: the values of `status`, and words for them.

/** Values of `status`; `running` is never seen from outside. */
export const STATUS = { running: -1, converged: 0, maxSteps: 1, stalled: 2, notFinite: 3, noBox: 4 } as const

/**
 * Words for the `status` of `minimize`, `leastSquares`, `root` and `fixedPoint`; 0 is success.
 *
 * @example
 * const result = minimize((x: Tensor) => x.sub(1).square().sum(), tensor([3, 4]))
 * const text = await describe(result, SOLVER_STATUS)   // 'converged after 2 iterations'
 */
export const SOLVER_STATUS: readonly string[] = [
  'converged',
  'reached maxSteps',
  'stalled: no better point can be found at this precision; the tolerance may be too tight, or the gradient wrong',
  'not finite: the function or its gradient is NaN or infinite at the start, or wherever the solver could go',
  'the bounds cross',
]

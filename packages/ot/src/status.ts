// How the solvers of this package end: the values of `status`, and words for them.

/** Values of `status`. */
export const STATUS = {
  converged: 0,
  maxIterations: 1,
  notFinite: 2,
  infeasible: 3,
  badWeights: 4,
  unequalMasses: 5,
  precision: 6,
  underflow: 7,
} as const

/**
 * Words for the `status` of this package's solvers, to give to `describe`; 0 is success.
 *
 * @example
 * OT_STATUS[1]   // 'reached maxIterations'
 */
export const OT_STATUS: readonly string[] = [
  'converged',
  'reached maxIterations',
  'not finite: the costs hold NaN',
  'infeasible: infinite costs leave mass without a place to go',
  'weights: negative, NaN, infinite, or all zero',
  'the weights of the two measures differ in sum',
  'epsilon is below what this precision resolves: marginals cannot get better; use float64 or a larger epsilon',
  "underflow: exp(-cost / epsilon) is zero where mass must go; use method 'stabilized' or 'log'",
]

// Zeros of systems of equations as a pure function.

import { AdjointError, type Tensor } from '@adjoint/core'
import type { RootFindingOptions, RootMethod, RootResult } from '../api.js'
import { flatResiduals } from '../least-squares/least-squares.js'
import { levenbergMarquardt } from '../least-squares/levenberg-marquardt.js'
import type { ResidualProblem } from '../least-squares/problem.js'
import { largest } from '../numbers.js'
import { choice, solverOptions } from '../solver-options.js'
import { STATUS } from '../status.js'
import { vectorSpace } from '../vector-space.js'
import { newton } from './newton.js'
import type { RootOutcome } from './problem.js'
import { solution } from './solution.js'

const METHODS: { readonly [M in RootMethod]: (problem: ResidualProblem) => RootOutcome } = {
  newton,
  'levenberg-marquardt': (problem) => {
    // A minimum of the squares that is not a zero is no solution.
    const outcome = levenbergMarquardt(problem, { size: largest, flat: STATUS.stalled })
    return { ...outcome, error: largest(problem.residuals(outcome.x)) }
  },
}

/**
 * Finds x with `f(x) = 0`. Traceable: it runs under `jit` and `vmap`, and x is differentiable by whatever `f` captures, by
 * the implicit function theorem.
 *
 * `'newton'` solves with the Jacobian `[n, n]` at each step and halves steps that do not help; `'levenberg-marquardt'`
 * costs more and comes closer from bad starts. Converged means that no entry of f(x) is larger than `tolerance`.
 *
 * @param f - pure and traceable; as many floats as x has, in a tensor or a tree
 * @param x0 - where to start: a float tensor or a pytree of them
 * @throws AdjointError `invalid-argument` for wrong options; `shape-mismatch` unless there are as many equations as unknowns
 * @example
 * const { x } = root((x: Tensor) => x.square().sub(2), tensor([1]))   // [1.4142...]
 */
export function root<X>(f: (x: X) => unknown, x0: X, options: RootFindingOptions = {}): RootResult<X> {
  const method = choice('root', METHODS, options.method ?? 'newton')
  const space = vectorSpace('root', x0)
  const { start } = space
  const limits = solverOptions('root', start, options)
  const flat = (x: Tensor): Tensor => {
    const r = flatResiduals('root', f(space.unravel(x)), start)
    if (r.size === start.size) return r
    throw new AdjointError('shape-mismatch', {
      fn: 'root',
      given: `${r.size} equations for ${start.size} unknowns`,
      expected: 'as many equations as unknowns',
      fix: 'leastSquares takes any number of residuals',
    })
  }
  return solution(space, flat, (residuals, from) => method({ residuals, start: from, count: from.size, ...limits }))
}

// Minimisation as a pure function: a method on vectors, with trees, bounds and implicit derivatives around it.

import { AdjointError, any, detached, grad, gt, le, type Tensor, type TensorsOf, where } from '@adjoint/core'
import type { Bounds, MinimizeMethod, Minimum, MinimumOptions } from './api.js'
import { checkNumber } from './checks.js'
import { implicitly } from './implicit.js'
import { symmetricSolve } from './linear-solves.js'
import { lbfgsMinimizer } from './minimizers/lbfgs.js'
import { lbfgsB, notHeld } from './minimizers/lbfgs-b.js'
import { nelderMead } from './minimizers/nelder-mead.js'
import { newtonCg } from './minimizers/newton-cg.js'
import { nonlinearCg } from './minimizers/nonlinear-cg.js'
import type { Box, Outcome, Problem } from './minimizers/problem.js'
import { trustRegion } from './minimizers/trust-region.js'
import { reportOf } from './report.js'
import { checkLoss, choice, solverOptions } from './solver-options.js'
import { STATUS } from './status.js'
import { type VectorSpace, vectorSpace } from './vector-space.js'

const METHODS: { readonly [M in MinimizeMethod]: (problem: Problem) => Outcome } = {
  'l-bfgs': lbfgsMinimizer,
  'l-bfgs-b': lbfgsB,
  'nonlinear-cg': nonlinearCg,
  'newton-cg': newtonCg,
  'trust-region': (problem) => trustRegion(problem),
  'nelder-mead': nelderMead,
}

/** What `minimize` does without an optimizer. */
export function findMinimum<X>(f: (x: X) => Tensor, x0: X, options: MinimumOptions): Minimum<X> {
  const { bounds, memory = 10, method = bounds === undefined ? 'l-bfgs' : 'l-bfgs-b' } = options
  const minimizer = choice('minimize', METHODS, method)
  const space = vectorSpace('minimize', x0)
  const { start } = space
  const { tolerance, maxSteps } = solverOptions('minimize', start, options)
  checkNumber('minimize', 'memory', memory, (n) => Number.isInteger(n) && n > 0, 'a positive integer')
  const box = method === 'l-bfgs-b' || bounds !== undefined ? boxOf(space, bounds ?? {}) : undefined
  if (box !== undefined && method !== 'l-bfgs-b' && method !== 'nelder-mead') throw boundsRefused(method)
  const loss = (x: Tensor): Tensor => checkLoss('minimize', f(space.unravel(x)), start)
  const search = detached((from: Tensor) =>
    minimizer({ loss, start: from, tolerance, maxSteps, memory, bounds: box ?? null }),
  )
  const found = search(start)
  const gradient = grad(loss)
  const x =
    box === undefined
      ? implicitly(gradient, found.x, symmetricSolve, { symmetric: true })
      : heldAt(box, found.x, gradient)
  const status = box === undefined ? found.status : where(any(gt(box.lower, box.upper)), STATUS.noBox, found.status)
  return {
    x: space.unravel(x) as TensorsOf<X>,
    value: loss(x),
    gradientNorm: found.gradientNorm,
    ...reportOf({ ...found, status }),
  }
}

function boxOf<X>(space: VectorSpace<X>, { lower = -Infinity, upper = Infinity }: Bounds): Box {
  if (typeof lower === 'number' && typeof upper === 'number' && !(lower <= upper)) {
    throw new AdjointError('invalid-argument', {
      fn: 'minimize',
      given: `bounds from ${lower} to ${upper}`,
      expected: 'a lower bound that is not above the upper one',
    })
  }
  return { lower: space.ravelBroadcast('bounds.lower', lower), upper: space.ravelBroadcast('bounds.upper', upper) }
}

/** Where a bound holds, x moves with the bound; the rest by the gradient's equation. */
function heldAt(box: Box, x: Tensor, gradient: (x: Tensor) => Tensor): Tensor {
  const free = notHeld(x, gradient(x), box)
  const wall = where(le(x, box.lower), box.lower, box.upper)
  return implicitly(gradient, where(free, x, wall), symmetricSolve, { free, symmetric: true })
}

function boundsRefused(method: string): AdjointError {
  return new AdjointError('invalid-argument', {
    fn: 'minimize',
    given: `bounds with method '${method}'`,
    expected: `method 'l-bfgs-b' or 'nelder-mead'`,
    fix: 'Leave `method` out, or minimise over an unbounded parameter that is mapped into the box',
  })
}

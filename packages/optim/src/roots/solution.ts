// What root and fixedPoint share: a method on vectors, with trees and implicit derivatives around it.

import type { Tensor, TensorsOf } from '@adjoint/core'
import type { RootResult } from '../api.js'
import { detached, implicitly } from '../implicit.js'
import { generalSolve } from '../linear-solves.js'
import { scalar } from '../numbers.js'
import { blankFacts, factsOf, reportOf } from '../report.js'
import type { VectorSpace } from '../vector-space.js'
import type { RootOutcome } from './problem.js'

/** The solution of `residual(x) = 0` by a method, which sees the residual with what it captures lifted. */
export function solution<X>(
  space: VectorSpace<X>,
  residual: (x: Tensor) => Tensor,
  method: (residual: (x: Tensor) => Tensor, start: Tensor) => RootOutcome,
): RootResult<X> {
  const { start } = space
  const blank = { ...blankFacts(start), error: scalar(start, 0) }
  const found = detached(residual, { start, image: start, given: null, facts: blank }, (fn, from) => {
    const outcome = method(fn, from)
    return { x: outcome.x, facts: { ...factsOf(outcome, from), error: outcome.error } }
  })
  const { error, ...facts } = found.facts
  const x = space.unravel(implicitly(residual, found.x, generalSolve)) as TensorsOf<X>
  return { x, error, ...reportOf(facts) }
}

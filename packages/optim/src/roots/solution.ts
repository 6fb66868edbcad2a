// What root and fixedPoint share: a method on vectors, with trees and implicit derivatives around it.

import { detached, type Tensor, type TensorsOf } from '@adjoint/core'
import type { RootResult } from '../api.js'
import { implicitly } from '../implicit.js'
import { generalSolve } from '../linear-solves.js'
import { reportOf } from '../report.js'
import type { VectorSpace } from '../vector-space.js'
import type { RootOutcome } from './problem.js'

/** The solution of `residual(x) = 0` by a method, which sees the residual with what it captures lifted. */
export function solution<X>(
  space: VectorSpace<X>,
  residual: (x: Tensor) => Tensor,
  method: (residual: (x: Tensor) => Tensor, start: Tensor) => RootOutcome,
): RootResult<X> {
  const found = detached((start: Tensor) => method(residual, start))(space.start)
  const x = space.unravel(implicitly(residual, found.x, generalSolve)) as TensorsOf<X>
  return { x, error: found.error, ...reportOf(found) }
}

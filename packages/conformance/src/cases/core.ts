// The cases of every primitive of the core.

import type { PrimitiveCases } from './case.js'
import { elementwiseCases } from './elementwise.js'
import { indexingCases } from './indexing.js'
import { movementCases } from './movement.js'
import { reductionCases } from './reductions.js'

/**
 * Every computing primitive of the core with sample calls: every dtype, empty, 0-d, broadcast, NaN, infinities, ties.
 *
 * @example
 * coreCases().map(({ primitive }) => primitive.name)   // ['neg', 'abs', ...]
 */
export function coreCases(): PrimitiveCases[] {
  return [...elementwiseCases(), ...movementCases(), ...reductionCases(), ...indexingCases()]
}

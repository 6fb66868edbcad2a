// L-BFGS as an optimizer: each update is a quasi-Newton direction and a line search on the loss itself.
// D. C. Liu, J. Nocedal, On the Limited Memory BFGS Method for Large Scale Optimization, 1989.

import { mul, type Optimizer, requireContext, type Tensor, zerosLike } from '@adjoint/core'
import type { LbfgsState } from '../api.js'
import { checkNumber } from '../checks.js'
import { ANY_LENGTH, lineThrough } from '../minimizers/descend.js'
import { lbfgsDirection } from '../minimizers/lbfgs.js'
import type { Point } from '../minimizers/problem.js'
import { choose, scalar } from '../numbers.js'
import { moreThuente } from '../searches/more-thuente.js'
import { vectorSpace } from '../vector-space.js'

/** Options of `lbfgs`. */
export interface LbfgsOptions {
  /** Steps that are remembered. @defaultValue 10 */
  readonly memory?: number
}

/**
 * L-BFGS with Moré and Thuente's line search, for losses without noise: where `minimize` is to show progress, or other
 * packages take an `Optimizer`. An update evaluates the loss once or a few times more; one that finds no lower point
 * changes nothing and forgets the memory.
 *
 * @throws AdjointError `invalid-argument` for another memory; `missing-argument` for an update without `params`, `value`
 * and `valueAndGrad`
 * @example
 * const loss = (x: Tensor) => x.sub(3).square().mul(tensor([1, 100])).sum()
 * const { params, iterations } = await minimize(loss, tensor([0, 9]), { optimizer: lbfgs(), steps: 50, tolerance: 1e-4 })
 */
export function lbfgs({ memory = 10 }: LbfgsOptions = {}): Optimizer<LbfgsState> {
  checkNumber('lbfgs', 'memory', memory, (n) => Number.isInteger(n) && n > 0, 'a positive integer')
  const method = lbfgsDirection(memory)
  return {
    init(params) {
      const x = vectorSpace('lbfgs', params).start
      return method.init({ x, grad: x, value: x })
    },
    update(grads, state, context) {
      const { params, value, valueAndGrad } = requireContext('lbfgs', context, 'params', 'value', 'valueAndGrad')
      const space = vectorSpace('lbfgs', params)
      const at = (x: Tensor): Point => {
        const there = valueAndGrad(space.unravel(x))
        return { x, value: there.value.cast(x.dtype), grad: space.ravel(there.grad) }
      }
      const here: Point = { x: space.start, value: value.cast(space.start.dtype), grad: space.ravel(grads) }
      const { direction, trial } = method.next(here, state)
      const longest = scalar(here.x, ANY_LENGTH)
      const found = moreThuente(lineThrough(at, here, direction), trial, { ...method.search, longest })
      const move = mul(direction, found.step)
      const there: Point = { x: here.x.add(move), value: found.value, grad: found.grad }
      return {
        updates: space.unravel(choose(found.ok, move, zerosLike(move))) as typeof grads,
        state: choose(found.ok, method.update(state, here, there, direction), method.init(here)),
      }
    },
  }
}

// Fixed points as a pure function, by iteration with Anderson's mixing.

import { AdjointError, isTensor, sub, type Tensor, tree } from '@adjoint/core'
import type { FixedPointOptions, RootResult } from '../api.js'
import { checkNumber } from '../checks.js'
import { solverOptions } from '../solver-options.js'
import { vectorSpace } from '../vector-space.js'
import { anderson } from './anderson.js'
import { solution } from './solution.js'

/**
 * Finds x with `f(x) = x`. Traceable: it runs under `jit` and `vmap`, and x is differentiable by whatever `f` captures, by
 * the implicit function theorem.
 *
 * Plain iteration, `memory: 0`, needs a contraction; mixing earlier iterates (Walker, Ni 2011) is faster, and converges for
 * many maps that are none. Converged means that no entry of f(x) - x is larger than `tolerance`.
 *
 * @param f - pure and traceable; from x to a tree like x
 * @param x0 - where to start: a float tensor or a pytree of them
 * @throws AdjointError `invalid-argument` for wrong options; `tree-mismatch`, `shape-mismatch` for another result than a tree like x
 * @example
 * const { x, iterations } = fixedPoint((x: Tensor) => cos(x), tensor([1]))   // [0.739...]
 */
export function fixedPoint<X>(f: (x: X) => X, x0: X, options: FixedPointOptions = {}): RootResult<X> {
  const { memory = 5, mixing = 1 } = options
  const space = vectorSpace('fixedPoint', x0)
  const limits = solverOptions('fixedPoint', space.start, options)
  checkNumber('fixedPoint', 'memory', memory, (n) => Number.isInteger(n) && n >= 0, 'an integer, not negative')
  checkNumber('fixedPoint', 'mixing', mixing, (n) => n > 0 && n <= 1, 'a number above 0, up to 1')
  const residual = (x: Tensor): Tensor => {
    const at = space.unravel(x)
    const image = f(at)
    tree.map(checkLike, at, image)
    return sub(space.ravel(image), x)
  }
  const depth = Math.min(memory, space.start.size)
  return solution(space, residual, (fn, start) => anderson({ residual: fn, start, ...limits }, depth, mixing))
}

function checkLike(x: Tensor, y: Tensor): Tensor {
  if (isTensor(y) && y.dtype === x.dtype && String(y.shape) === String(x.shape)) return y
  throw new AdjointError('shape-mismatch', {
    fn: 'fixedPoint',
    given: `a function from ${x.dtype}[${x.shape.join(', ')}] to ${isTensor(y) ? `${y.dtype}[${y.shape.join(', ')}]` : `a ${typeof y}`}`,
    expected: 'a result like x',
  })
}

// Directional derivatives, pullbacks, and the matrices they make up.

import { isFloat } from '../dtype.js'
import { AdjointError } from '../error.js'
import { eye } from '../functions/create.js'
import { moveAxis, reshape } from '../functions/movement.js'
import { evaluateProgram } from '../program/evaluate.js'
import { formatAval, sameShape } from '../shape.js'
import { isTensor, type Tensor } from '../tensor.js'
import { atMarks, filled } from '../trace/zeros.js'
import { type Leaf, matching, type Structure, type TensorsOf, unflatten } from '../tree.js'
import { flattenFunction, leafTensor, type Split, splitArguments } from './flat.js'
import { grad } from './grad.js'
import { jvpFlat, linearizeFlat, orZeros, pullback } from './linearize-flat.js'
import { vmap } from './vmap.js'

function allArguments(fn: string, args: readonly unknown[]): Split {
  const everyOne = args.map((_, i) => i)
  return splitArguments(fn, args, everyOne)
}

function checkedTangents(fn: string, structure: Structure, given: unknown, like: readonly Tensor[]): Tensor[] {
  return matching(fn, structure, given).map((leaf: Leaf, i) => {
    const tangent = isTensor(leaf) ? leaf : leafTensor(leaf).cast(like[i].dtype)
    if (!sameShape(tangent.shape, like[i].shape) || tangent.dtype !== like[i].dtype) {
      throw new AdjointError('shape-mismatch', {
        fn,
        given: `${formatAval(tangent)} for ${formatAval(like[i])}`,
        expected: 'the type of the value it belongs to',
      })
    }
    return tangent
  })
}

/**
 * The value of a function and its derivative along a direction, in one forward pass.
 *
 * @param args - the point, as a list of arguments
 * @param tangents - the direction, shaped like `args`
 * @throws AdjointError `tree-mismatch`, `shape-mismatch` when the direction does not fit
 * @example
 * const { value, tangent } = jvp((x: Tensor) => x.square(), [tensor(3)], [tensor(1)])   // 9, 6
 */
export function jvp<A extends unknown[], R>(
  fn: (...args: A) => R,
  args: A,
  tangents: A,
): { value: TensorsOf<R>; tangent: TensorsOf<R> } {
  const split = splitArguments('jvp', args, [])
  const flat = flattenFunction('jvp', fn, split.structure)
  const directions = checkedTangents('jvp', split.structure, tangents, split.primals)
  const floats = directions.map((t) => (isFloat(t.dtype) ? t : null))
  const { outputs, tangents: pushed } = jvpFlat(flat.fn, split.primals, floats)
  return {
    value: unflatten(flat.result(), outputs) as TensorsOf<R>,
    tangent: unflatten(flat.result(), filled(pushed, outputs)) as TensorsOf<R>,
  }
}

/**
 * The value of a function at a point and its derivative there as a linear function, to apply many times.
 *
 * @example
 * const { value, push } = linearize((x: Tensor) => x.square(), tensor(3))
 * push(tensor(2))   // 12
 */
export function linearize<A extends unknown[], R>(
  fn: (...args: A) => R,
  ...args: A
): {
  value: TensorsOf<R>
  /** From tangents of the arguments to the tangent of the value. */
  push: (...tangents: A) => TensorsOf<R>
} {
  const split = allArguments('linearize', args)
  const flat = flattenFunction('linearize', fn, split.structure)
  const { program, captured, outputs, active } = linearizeFlat(flat.fn, split.primals, split.wrt)
  return {
    value: unflatten(flat.result(), outputs) as TensorsOf<R>,
    push: (...tangents) => {
      const directions = checkedTangents('linearize', split.structure, tangents, split.primals)
      const pushed = atMarks(active, evaluateProgram(program, [...captured, ...directions]))
      return unflatten(flat.result(), filled(pushed, outputs)) as TensorsOf<R>
    },
  }
}

/**
 * The value of a function and its pullback: from cotangents of the value to cotangents of the arguments.
 *
 * @returns `pull(cotangent)` gives a list, one entry per argument
 * @example
 * const { value, pull } = vjp((x: Tensor) => x.square(), tensor([1, 2]))
 * const [cotangent] = pull(tensor([1, 10]))   // [2, 40]
 */
export function vjp<A extends unknown[], R>(
  fn: (...args: A) => R,
  ...args: A
): {
  value: TensorsOf<R>
  /** From a cotangent of the value to those of the arguments. */
  pull: (cotangent: TensorsOf<R>) => TensorsOf<A>
} {
  const split = allArguments('vjp', args)
  const flat = flattenFunction('vjp', fn, split.structure)
  const linear = linearizeFlat(flat.fn, split.primals, split.wrt)
  return {
    value: unflatten(flat.result(), linear.outputs) as TensorsOf<R>,
    pull: (cotangent) => {
      const cts = checkedTangents('vjp', flat.result(), cotangent, linear.outputs)
      return unflatten(split.structure, orZeros(pullback(linear, cts), split.primals)) as TensorsOf<A>
    },
  }
}

function singleTensor(fn: string, value: unknown): Tensor {
  if (isTensor(value) && isFloat(value.dtype)) return value
  throw new AdjointError('invalid-argument', {
    fn,
    given: isTensor(value) ? formatAval(value) : 'no single tensor',
    expected: 'one float tensor in and one out',
    fix: 'For trees use vjp, or flatten them first',
  })
}

/**
 * The matrix of all partial derivatives. f: `[...n]` -> `[...m]` gives `[...m, ...n]`.
 *
 * @param options - `mode`: one pass per input (`'forward'`) or per output (`'reverse'`); the cheaper by default
 * @throws AdjointError `invalid-argument` unless the function maps one float tensor to one
 * @example
 * jacobian((x: Tensor) => x.square())(tensor([1, 2]))   // [[2, 0], [0, 4]]
 */
export function jacobian<A extends [Tensor, ...unknown[]]>(
  fn: (...args: A) => Tensor,
  { mode }: { mode?: 'forward' | 'reverse' } = {},
): (...args: A) => Tensor {
  return (...args) => {
    const [first, ...rest] = args
    const x = singleTensor('jacobian', first)
    const { value, push } = linearize((t: Tensor) => fn(...([t, ...rest] as unknown as A)), x)
    const y = singleTensor('jacobian', value)
    const forward = mode === undefined ? x.size < y.size : mode === 'forward'
    if (forward) {
      const columns = vmap((t: Tensor) => reshape(push(t) as Tensor, [y.size]))(basis(x))
      return reshape(moveAxis(columns, 0, -1), [...y.shape, ...x.shape])
    }
    const { pull } = vjp((t: Tensor) => fn(...([t, ...rest] as unknown as A)), x)
    const rows = vmap((ct: Tensor) => pull(ct as never)[0] as Tensor)(basis(y))
    return reshape(rows, [...y.shape, ...x.shape])
  }
}

function basis(x: Tensor): Tensor {
  const rows = eye(x.size, x.size, { dtype: x.dtype, backend: x.trace === null ? x.backend : undefined })
  return reshape(rows, [x.size, ...x.shape])
}

/**
 * The matrix of second derivatives of a scalar function. `[...n]` gives `[...n, ...n]`.
 *
 * @example
 * hessian((x: Tensor) => x.pow(3).sum())(tensor([1, 2]))   // [[6, 0], [0, 12]]
 */
export function hessian<A extends [Tensor, ...unknown[]]>(fn: (...args: A) => Tensor): (...args: A) => Tensor {
  return jacobian(
    ((...args: A) => (grad(fn as never) as (...a: unknown[]) => Tensor)(...args)) as (...args: A) => Tensor,
    { mode: 'forward' },
  )
}

/**
 * The Hessian of a scalar function times a vector, forward over reverse: the Hessian is never formed.
 *
 * @param point - where, any pytree
 * @param direction - shaped like the point
 * @example
 * hvp((x: Tensor) => x.pow(3).sum(), tensor([1, 2]), tensor([1, 1]))   // [6, 12]
 */
export function hvp<T>(fn: (x: T) => Tensor, point: T, direction: T): TensorsOf<T> {
  const gradient = grad(fn as never) as unknown as (x: T) => TensorsOf<T>
  return jvp(gradient, [point], [direction]).tangent as TensorsOf<T>
}

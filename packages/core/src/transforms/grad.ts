// Gradients of scalar functions, by linearizing once and transposing.

import { isFloat } from '../dtype.js'
import { AdjointError } from '../error.js'
import { cast } from '../functions/elementwise.js'
import { formatAval, pick } from '../shape.js'
import { isTensor, literalTensor, type Tensor } from '../tensor.js'
import { marked } from '../trace/zeros.js'
import { type TensorsOf, unflatten } from '../tree.js'
import { flattenFunction, splitArguments } from './flat.js'
import { linearizeFlat, orZeros, pullback } from './linearize-flat.js'

/** Which arguments to differentiate. */
export interface GradOptions<N extends number | readonly number[] = 0> {
  /** Index, or indices, of the arguments. @defaultValue 0 */
  readonly argnums?: N
}

/** Options of gradients of functions that return `[loss, aux]`. */
export interface GradAuxOptions<N extends number | readonly number[] = 0> extends GradOptions<N> {
  readonly hasAux: true
}

/** The gradient for a choice of arguments: shaped like the argument, or a list for several. */
export type GradOf<A extends readonly unknown[], N> = N extends number
  ? TensorsOf<A[N]>
  : N extends readonly number[]
    ? { [K in keyof N]: N[K] extends number ? TensorsOf<A[N[K]]> : never }
    : never

/** A value with its gradient. */
export interface ValueAndGrad<G> {
  readonly value: Tensor
  readonly grad: G
}

/** A value with its gradient and what else the function returned. */
export interface ValueGradAux<G, X> extends ValueAndGrad<G> {
  readonly aux: X
}

/**
 * The function that computes a scalar function's value and gradient in one pass.
 *
 * @param fn - returns a scalar float tensor; with `hasAux`, `[loss, aux]`
 * @throws AdjointError `non-scalar-loss`, `not-differentiable` for integer arguments, `missing-rule`
 * @example
 * const { value, grad } = valueAndGrad((x: Tensor) => x.square().sum())(tensor([1, 2]))   // 5, [2, 4]
 */
export function valueAndGrad<A extends unknown[], X, const N extends number | readonly number[] = 0>(
  fn: (...args: A) => readonly [Tensor, X],
  options: GradAuxOptions<N>,
): (...args: A) => ValueGradAux<GradOf<A, N>, X>
export function valueAndGrad<A extends unknown[], const N extends number | readonly number[] = 0>(
  fn: (...args: A) => Tensor,
  options?: GradOptions<N>,
): (...args: A) => ValueAndGrad<GradOf<A, N>>
export function valueAndGrad(
  fn: (...args: never[]) => unknown,
  options: { argnums?: number | readonly number[]; hasAux?: boolean } = {},
) {
  const { argnums = 0, hasAux = false } = options
  return (...args: unknown[]) => {
    const split = splitArguments('grad', args, argnums)
    const flat = flattenFunction('grad', fn, split.structure)
    const linear = linearizeFlat(flat.fn, split.primals, split.wrt)
    const loss = linear.outputs[0]
    checkLoss(loss, hasAux || flat.result().kind === 'leaf')
    const seed = linear.outputs.map((_, i) => (i === 0 ? literalTensor(1, loss.dtype) : null))
    const cotangents = orZeros(pullback(linear, seed), marked(split.primals, split.wrt))
    let next = 0
    const placed = split.leaves.map((leaf, i) => (split.wrt[i] ? settled(cotangents[next++], leaf, loss) : null))
    const grad = unflatten(split.selected, pick(placed, split.places))
    if (!hasAux) return { value: loss, grad }
    const [, aux] = unflatten(flat.result(), linear.outputs) as [Tensor, unknown]
    return { value: loss, grad, aux }
  }
}

/** The gradient of a number has the dtype of the loss. */
function settled(gradient: Tensor, leaf: unknown, loss: Tensor): Tensor {
  return isTensor(leaf) && !leaf.weak ? gradient : cast(gradient, loss.dtype)
}

function checkLoss(loss: Tensor | undefined, single: boolean): void {
  if (single && loss !== undefined && loss.ndim === 0 && isFloat(loss.dtype)) return
  throw new AdjointError('non-scalar-loss', {
    fn: 'grad',
    given:
      loss === undefined || !single
        ? 'a function that does not return one tensor'
        : `a function that returns ${formatAval(loss)}`,
    expected: 'a scalar float tensor',
    fix: 'Reduce it with sum() or mean(), or use jacobian or vjp; with hasAux return [loss, aux]',
  })
}

/**
 * The function that computes a scalar function's gradient. It composes: `grad(grad(f))`, `jit(vmap(grad(f)))`.
 *
 * @param fn - returns a scalar float tensor; with `hasAux`, `[loss, aux]`
 * @returns the gradient, shaped like the argument; with `hasAux`, `{ grad, aux }`
 * @throws AdjointError `non-scalar-loss`, `not-differentiable` for integer arguments, `missing-rule`
 * @example
 * grad((x: Tensor) => x.pow(3))(tensor(2))   // 12
 */
export function grad<A extends unknown[], X, const N extends number | readonly number[] = 0>(
  fn: (...args: A) => readonly [Tensor, X],
  options: GradAuxOptions<N>,
): (...args: A) => { grad: GradOf<A, N>; aux: X }
export function grad<A extends unknown[], const N extends number | readonly number[] = 0>(
  fn: (...args: A) => Tensor,
  options?: GradOptions<N>,
): (...args: A) => GradOf<A, N>
export function grad(
  fn: (...args: never[]) => unknown,
  options: { argnums?: number | readonly number[]; hasAux?: boolean } = {},
) {
  const both = valueAndGrad(fn as never, options as never) as (...args: unknown[]) => { grad: unknown; aux?: unknown }
  return (...args: unknown[]) => {
    const { grad: gradient, aux } = both(...args)
    return options.hasAux === true ? { grad: gradient, aux } : gradient
  }
}

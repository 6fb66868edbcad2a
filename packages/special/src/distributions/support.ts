// What distributions share: parameters in one shape, values against them, sizes of draws.

import { AdjointError, broadcastTo, isTensor, type Shape, type Tensor, type TensorLike, where } from '@adjoint/core'
import { broadcastShapes } from '@adjoint/core/codegen'
import { floats } from '../elementwise.js'

export const HALF_LOG_TWO_PI = 0.5 * Math.log(2 * Math.PI)

/** Parameters as tensors of one dtype, with the shape that they have together. */
export function parameters(fn: string, values: readonly TensorLike[]) {
  const tensors = floats(fn, values).map((x) => (x.weak ? x.cast('float32') : x))
  const batchShape = broadcastShapes(
    fn,
    tensors.map((x) => x.shape),
  )
  const dtype = tensors[0].dtype as 'float32' | 'float64'
  return { tensors, batchShape, dtype, spread: (x: Tensor) => broadcastTo(x, batchShape) }
}

/** A value beside a parameter, in its dtype. */
export function valueLike(fn: string, x: TensorLike, parameter: Tensor): Tensor {
  return floats(fn, [x, parameter])[0]
}

/** The shape of draws. */
export function drawShape(fn: string, shape: Shape, batch: Shape): number[] {
  if (Array.isArray(shape) && shape.every((n) => Number.isInteger(n) && n >= 0)) return [...shape, ...batch]
  throw new AdjointError('invalid-argument', {
    fn,
    given: `the shape ${JSON.stringify(shape)}`,
    expected: 'lengths that are integers, none negative, as in [100]',
  })
}

/** `inside(x)` where a condition holds and `otherwise` elsewhere; no derivative comes from values outside. */
export function within(condition: Tensor, x: Tensor, safe: number, inside: (x: Tensor) => Tensor, otherwise: number) {
  return where(condition, inside(where(condition, x, safe)), otherwise)
}

/** Refuses options that give neither probabilities nor log odds, or both. */
export function requireOdds(fn: string, odds: { readonly probs?: unknown; readonly logits?: unknown }): void {
  const given = odds === undefined || odds === null || isTensor(odds) ? [] : [odds.probs, odds.logits]
  if (given.filter((x) => x !== undefined).length === 1) return
  throw new AdjointError('invalid-argument', {
    fn,
    given: given.length === 2 && given[0] !== undefined ? 'both probs and logits' : 'neither probs nor logits',
    expected: '{ probs } or { logits }',
  })
}

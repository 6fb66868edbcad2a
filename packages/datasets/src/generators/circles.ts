// Two concentric circles: two classes that differ in radius only.
// The shape is the one that scikit-learn made common.

import { arange, mod, stack } from '@adjoint/core'
import type { GeneratorOptions, LabelledPoints } from '../api.js'
import { blur, refuse, setup } from './setup.js'

/** Options of `circles`. */
export interface CirclesOptions extends GeneratorOptions {
  /** Radius of the inner circle; the outer one has 1. @defaultValue 0.5 */
  readonly factor?: number
}

/**
 * Two circles about the origin, evenly spaced along each; point `i` lies on circle `i mod 2`, the outer one first.
 * Traceable.
 *
 * @returns points `[n, 2]` and labels `[n]` int32
 * @throws AdjointError `invalid-argument` for n below 1, negative noise or a factor outside (0, 1)
 * @example
 * const { points } = circles({ n: 100, noise: 0.05, factor: 0.4, seed: 3 })
 * console.log(points.shape) // [100, 2]
 */
export function circles({ factor = 0.5, ...common }: CirclesOptions = {}): LabelledPoints {
  const options = setup('circles', common)
  if (!(factor > 0 && factor < 1)) throw refuse('circles', `factor ${factor}`, 'a radius between 0 and 1')
  const index = arange(options.n)
  const labels = mod(index, 2)
  const perCircle = Math.ceil(options.n / 2)
  const angle = index
    .sub(labels)
    .cast(options.dtype)
    .mul(Math.PI / perCircle)
  const radius = labels
    .cast(options.dtype)
    .mul(factor - 1)
    .add(1)
  return { points: blur(stack([angle.cos().mul(radius), angle.sin().mul(radius)], 1), options), labels }
}

// Two interleaved half circles: two classes that no line separates.
// The shape is the one that scikit-learn made common.

import { arange, mod, stack, where } from '@adjoint/core'
import type { GeneratorOptions, LabelledPoints } from '../api.js'
import { blur, setup } from './setup.js'

/**
 * Two half moons, evenly spaced along each; point `i` lies on moon `i mod 2`. Traceable.
 *
 * @returns points `[n, 2]` and labels `[n]` int32
 * @throws AdjointError `invalid-argument` for n below 1 or negative noise
 * @example
 * const { points } = moons({ n: 100, noise: 0.1, seed: 3 })
 * console.log(points.shape) // [100, 2]
 */
export function moons(common: GeneratorOptions = {}): LabelledPoints {
  const options = setup('moons', common)
  const index = arange(options.n)
  const labels = mod(index, 2)
  const perMoon = Math.max(1, Math.ceil(options.n / 2) - 1)
  const angle = index
    .sub(labels)
    .cast(options.dtype)
    .mul(Math.PI / 2 / perMoon)
  const upper = labels.eq(0)
  const x = where(upper, angle.cos(), angle.cos().neg().add(1))
  const y = where(upper, angle.sin(), angle.sin().neg().add(0.5))
  return { points: blur(stack([x, y], 1), options), labels }
}

// Interleaved spiral arms: the classic hard case for small networks.
// K. Lang, M. Witbrock, Learning to tell two spirals apart, 1988, for any number of arms.

import { arange, mod, stack } from '@adjoint/core'
import type { GeneratorOptions, LabelledPoints } from '../api.js'
import { blur, requireWhole, setup } from './setup.js'

/** Options of `spiral`. */
export interface SpiralOptions extends GeneratorOptions {
  /** How many arms, each a class. @defaultValue 2 */
  readonly arms?: number
  /** Full turns of each arm. @defaultValue 1.5 */
  readonly turns?: number
}

/**
 * Archimedean spirals from the origin to radius 1; point `i` lies on arm `i mod arms`. Traceable.
 *
 * @returns points `[n, 2]` and labels `[n]` int32
 * @throws AdjointError `invalid-argument` for n or arms below 1 or negative noise
 * @example
 * const { labels } = spiral({ n: 150, arms: 3, noise: 0.02, seed: 3 })
 * console.log(labels.max().item()) // 2
 */
export function spiral({ arms = 2, turns = 1.5, ...common }: SpiralOptions = {}): LabelledPoints {
  const options = setup('spiral', common)
  requireWhole('spiral', 'arms', arms, 1)
  const index = arange(options.n)
  const labels = mod(index, arms)
  // Half a step from the origin, where the arms would meet in one point.
  const radius = index
    .sub(labels)
    .cast(options.dtype)
    .div(arms)
    .add(0.5)
    .div(Math.ceil(options.n / arms))
  const start = labels.cast(options.dtype).mul((2 * Math.PI) / arms)
  const angle = radius.mul(2 * Math.PI * turns).add(start)
  return { points: blur(stack([angle.cos().mul(radius), angle.sin().mul(radius)], 1), options), labels }
}

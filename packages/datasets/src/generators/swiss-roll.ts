// A sheet rolled up in three dimensions: the usual test of manifold learning.
// J. Tenenbaum, V. de Silva, J. Langford, A global geometric framework for nonlinear dimensionality reduction, 2000.

import { stack } from '@adjoint/core'
import * as random from '@adjoint/core/random'
import type { GeneratorOptions, ManifoldPoints } from '../api.js'
import { blur, setup } from './setup.js'

/** Options of `swissRoll`. */
export interface SwissRollOptions extends GeneratorOptions {
  /** Width of the sheet. @defaultValue 21 */
  readonly width?: number
}

/**
 * Points uniform in angle and width on a rolled sheet; `t` is the angle, from 1.5π to 4.5π. Traceable.
 *
 * @returns points `[n, 3]` and t `[n]` in radians
 * @throws AdjointError `invalid-argument` for n below 1 or negative noise
 * @example
 * const { points, t } = swissRoll({ n: 500, noise: 0.1, seed: 3 })
 * console.log(points.shape, t.shape) // [500, 3] [500]
 */
export function swissRoll({ width = 21, ...common }: SwissRollOptions = {}): ManifoldPoints {
  const options = setup('swissRoll', common)
  const { n, dtype, shapeKey } = options
  const t = random.uniform(random.foldIn(shapeKey, 0), [n], { dtype, min: 1.5 * Math.PI, max: 4.5 * Math.PI })
  const across = random.uniform(random.foldIn(shapeKey, 1), [n], { dtype, min: 0, max: width })
  return { points: blur(stack([t.mul(t.cos()), across, t.mul(t.sin())], 1), options), t }
}

// What all generators share: options with their defaults, checked, and the noise that is added last.

import { AdjointError, type Key, type Tensor } from '@adjoint/core'
import * as random from '@adjoint/core/random'
import type { FloatDType, GeneratorOptions } from '../api.js'

/** Options with every default filled in. */
export interface Setup {
  readonly n: number
  readonly noise: number
  readonly dtype: FloatDType
  /** Independent keys: one for the shape, one for the noise. */
  readonly shapeKey: Key
  readonly noiseKey: Key
}

/** Fills in and checks the common options. @throws AdjointError `invalid-argument` */
export function setup(fn: string, { n = 200, noise = 0, seed = 0, key, dtype = 'float32' }: GeneratorOptions): Setup {
  requireWhole(fn, 'n', n, 1)
  if (!(noise >= 0 && Number.isFinite(noise))) {
    throw refuse(fn, `noise ${noise}`, 'a finite standard deviation of at least 0')
  }
  const root = key ?? random.key(seed)
  return { n, noise, dtype, shapeKey: random.foldIn(root, 0), noiseKey: random.foldIn(root, 1) }
}

/** Checks a count. @throws AdjointError `invalid-argument` */
export function requireWhole(fn: string, name: string, value: number, least: number): void {
  if (!Number.isSafeInteger(value) || value < least) {
    throw refuse(fn, `${name} ${value}`, `a whole number of at least ${least}`)
  }
}

/** An option out of its range. */
export function refuse(fn: string, given: string, expected: string): AdjointError {
  return new AdjointError('invalid-argument', { fn, given, expected, fix: 'Change that option' })
}

/** Adds Gaussian noise to every coordinate. */
export function blur(points: Tensor, { noise, noiseKey, dtype }: Setup): Tensor {
  if (noise === 0) return points
  return points.add(random.normal(noiseKey, points.shape, { dtype }).mul(noise))
}

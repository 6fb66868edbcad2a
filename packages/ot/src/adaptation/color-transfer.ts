// Colours of one picture in another: transport between samples of both, continued to every pixel.
// F. Pitié, A. C. Kokaram, R. Dahyot, Automated colour grading using colour distribution transfer, 2007; S. Ferradans,
// N. Papadakis, G. Peyré, J.-F. Aujol, Regularized Discrete Optimal Transport, 2014.

import { AdjointError, type Tensor, take } from '@adjoint/core'
import { foldIn, type Key, permutation, key as seeded } from '@adjoint/core/random'
import { requireCount, requireSameDType, typeOf } from '../checks.js'
import { type SinkhornOptions, type SinkhornResult, sinkhorn } from '../entropic/sinkhorn.js'
import { pointCloud } from '../geometry/point-cloud.js'
import { type EntropicMap, entropicMap } from './entropic-map.js'

/** Options of `colorMap` and `colorTransfer`; the rest is for `sinkhorn`. */
export interface ColorTransferOptions extends Omit<SinkhornOptions, 'a' | 'b' | 'start'> {
  /** Pixels drawn from each picture, at most. @defaultValue 500 */
  readonly samples?: number
  /** Which pixels are drawn. @defaultValue key(0) */
  readonly key?: Key
}

/** A map of colours and how well it was found. */
export interface ColorMap {
  /** `apply` takes colours `[..., 3]` of the source to those of the reference, `inverse` the other way. */
  readonly map: EntropicMap
  /** Transport between the samples. */
  readonly transport: SinkhornResult
}

/**
 * The map from the colours of one picture to those of another, and back, by entropic transport between samples of both.
 *
 * @param source - `[..., 3]`, or another number of channels; float
 * @param reference - `[..., 3]`; of another size, if you like
 * @throws AdjointError `shape-mismatch`, `dtype-mismatch`, `invalid-argument`
 * @example
 * const [dark, light] = [tensor([[0, 0, 0.2], [0, 0, 0.8]]), tensor([[0.8, 0.9, 1], [0.8, 0.9, 0.5]])]
 * const { map, transport } = colorMap(dark, light, { epsilon: 0.001 })
 * map.apply(dark)   // [[0.8, 0.9, 0.5], [0.8, 0.9, 1]]
 */
export function colorMap(source: Tensor, reference: Tensor, options: ColorTransferOptions = {}): ColorMap {
  const fn = 'colorMap'
  const { samples = 500, key = seeded(0), epsilon = 0.05, ...rest } = options
  requireCount(fn, 'samples', samples)
  requireSameDType(fn, source, [reference])
  const [x, y] = [source, reference].map((picture, i) => palette(fn, picture, foldIn(key, i), samples))
  const transport = sinkhorn(pointCloud(x, y), { epsilon, ...rest })
  return { map: entropicMap(transport), transport }
}

/**
 * A picture in the colours of another, at full resolution: the map between samples is applied to every pixel, in memory linear
 * in the pixels. Traceable and differentiable.
 *
 * @param source - `[..., 3]`, or another number of channels; float
 * @param reference - `[..., 3]`
 * @returns colours shaped like the source
 * @throws AdjointError `shape-mismatch`, `dtype-mismatch`, `invalid-argument`
 * @example
 * const [dark, light] = [tensor([[0, 0, 0.2], [0, 0, 0.8]]), tensor([[0.8, 0.9, 1], [0.8, 0.9, 0.5]])]
 * colorTransfer(dark, light, { epsilon: 0.001 })   // [[0.8, 0.9, 0.5], [0.8, 0.9, 1]]
 */
export function colorTransfer(source: Tensor, reference: Tensor, options: ColorTransferOptions = {}): Tensor {
  return colorMap(source, reference, options).map.apply(source)
}

/** Some colours of a picture, each pixel once at most. */
function palette(fn: string, picture: Tensor, key: Key, samples: number): Tensor {
  if (picture.ndim < 2 || picture.size === 0) {
    throw new AdjointError('shape-mismatch', {
      fn,
      given: `a picture ${typeOf(picture)}`,
      expected: 'colours [..., 3]',
    })
  }
  const colours = picture.reshape([-1, picture.shape[picture.ndim - 1]])
  const [pixels] = colours.shape
  return pixels <= samples ? colours : take(colours, permutation(key, pixels).slice([0, samples]), 0)
}

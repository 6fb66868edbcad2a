// Two photographs of one size, as packaged with scikit-learn: a temple in China and a dahlia.
// By danielbuechele and vultilion, both on Flickr under CC BY 2.0.

import { tensor } from '@adjoint/core'
import type { DatasetInfo, LoadOptions, Photograph, Photographs } from '../api.js'
import { corrupt } from '../read/corrupt.js'
import { decodeJpeg } from '../read/jpeg.js'
import { readBundled } from './read-bundled.js'

const SHAPE = [427, 640, 3]

const CHINA: DatasetInfo = {
  title: 'china.jpg, a temple among trees',
  source: '© danielbuechele, Flickr; as packaged with scikit-learn 1.2.1',
  licence: 'CC-BY-2.0',
  shape: SHAPE,
}

const FLOWER: DatasetInfo = {
  title: 'flower.jpg, a dahlia',
  source: '© vultilion, Flickr; as packaged with scikit-learn 1.2.1',
  licence: 'CC-BY-2.0',
  shape: SHAPE,
}

/**
 * Loads the two photographs.
 *
 * @returns `china` and `flower`, each with pixels `[427, 640, 3]` in 0..1
 * @throws AdjointError `corrupt-data` when a bundled file is damaged
 * @example
 * const { china } = await photographs()
 * console.log(china.pixels.shape, china.info.source)
 */
export async function photographs(options: LoadOptions = {}): Promise<Photographs> {
  const [china, flower] = await Promise.all([
    photograph(new URL('../../data/china.jpg', import.meta.url), CHINA, options),
    photograph(new URL('../../data/flower.jpg', import.meta.url), FLOWER, options),
  ])
  return { china, flower }
}

async function photograph(url: URL, info: DatasetInfo, { dtype = 'float32' }: LoadOptions): Promise<Photograph> {
  const file = url.pathname.slice(url.pathname.lastIndexOf('/') + 1)
  const { width, height, rgb } = await decodeJpeg('photographs', file, await readBundled('photographs', url))
  if (rgb.length !== SHAPE[0] * SHAPE[1] * SHAPE[2]) {
    throw corrupt('photographs', file, `${width} by ${height} pixels`, `${SHAPE[1]} by ${SHAPE[0]} pixels`)
  }
  const values = Float64Array.from(rgb, (byte) => byte / 255)
  return { pixels: tensor(values, { shape: [...SHAPE], dtype }), info }
}

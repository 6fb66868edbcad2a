// JPEG through jpeg-js: plain JavaScript, so the same pixels in Node and in every browser, no native build.
// The decoder loads on the first use.

import { corrupt } from './corrupt.js'

/** A decoded picture: bytes row by row, red, green, blue. */
export interface Picture {
  readonly width: number
  readonly height: number
  readonly rgb: Uint8Array
}

/** Decodes a JPEG file. @throws AdjointError `corrupt-data` */
export async function decodeJpeg(fn: string, file: string, bytes: Uint8Array): Promise<Picture> {
  const { default: jpeg } = await import('jpeg-js')
  try {
    const options = { useTArray: true, formatAsRGBA: false, tolerantDecoding: false } as const
    const { width, height, data } = jpeg.decode(bytes, options)
    return { width, height, rgb: data }
  } catch (cause) {
    throw corrupt(fn, file, 'bytes that do not decode', 'a JPEG picture', cause)
  }
}

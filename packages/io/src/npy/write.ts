// Writes an NPY array, byte for byte as NumPy does.
// NumPy, numpy.lib.format, versions 1.0 to 3.0.

import { AdjointError, type Tensor } from '@adjoint/core'
import type { Bytes, TransferOptions } from '../api.js'
import { bytesOf, type Outgoing, streamFrom } from '../bytes/stream.js'
import { checkedTensor, tensorBytes } from '../elements/from-tensor.js'
import { elementSize } from '../elements/types.js'
import { encodeHeader, type NpyVersion } from './header.js'

/** Options of `npy.write` and `npy.stream`. */
export interface NpyWriteOptions extends TransferOptions {
  /** Version of the format; every reader knows the first. @defaultValue 1 */
  readonly version?: NpyVersion
}

/**
 * A tensor as an NPY file, for `np.load`.
 *
 * @throws AdjointError `invalid-argument` for anything but a tensor; as `Tensor.data` for an unreadable one
 * @example
 * const file = await npy.write(ones([2, 3]))
 * file.length   // 152: a header of 128 bytes, and 24 of data
 */
export async function write(x: Tensor, options: NpyWriteOptions = {}): Promise<Bytes> {
  return bytesOf(arrayFile('npy.write', x, options), options)
}

/**
 * The same file as a stream.
 *
 * @throws AdjointError as `write`; what concerns values comes through the stream
 * @example
 * const upload = new Response(npy.stream(ones([2, 3])))
 */
export function stream(x: Tensor, options: NpyWriteOptions = {}): ReadableStream<Uint8Array> {
  return streamFrom(arrayFile('npy.stream', x, options), options)
}

/** Header and data of a tensor. */
export function arrayFile(fn: string, x: Tensor, { version = 1 }: NpyWriteOptions, what = 'the array'): Outgoing {
  if (![1, 2, 3].includes(version)) {
    throw new AdjointError('invalid-argument', { fn, given: `version: ${version}`, expected: '1, 2 or 3' })
  }
  const header = encodeHeader(checkedTensor(fn, x, what), version)
  const chunks = async function* () {
    yield header
    yield await tensorBytes(x)
  }
  return { chunks: chunks(), size: header.length + x.size * elementSize(x.dtype) }
}

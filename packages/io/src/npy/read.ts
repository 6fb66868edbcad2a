// Reads an NPY array: of any number type, byte order and axis order.
// NumPy, numpy.lib.format, versions 1.0 to 3.0.

import type { Tensor } from '@adjoint/core'
import type { ByteSource, ReadOptions } from '../api.js'
import { reading } from '../bytes/reader.js'
import { toTensor } from '../elements/to-tensor.js'
import { dictionaryLength, lengthWidth, PREFIX, parseHeader } from './header.js'

/**
 * The array of an NPY file, which `np.save` writes. Columns-first arrays become tensors of the same shape; complex ones
 * get a last axis of 2.
 *
 * @throws AdjointError `corrupt-data` for a file that is not what it claims; `dtype-unsupported` for text, objects and
 * structures, and for integers that the tensor cannot hold
 * @example
 * const file = await npy.write(tensor([[1, 2], [3, 4]]))
 * await npy.read(file, { as: 'float64' })   // float64 [2, 2]
 */
export function read(source: ByteSource, options: ReadOptions = {}): Promise<Tensor> {
  return readArray('npy.read', 'array', source, options)
}

/** The one array of a source, called `name` in messages. */
export function readArray(fn: string, name: string, source: ByteSource, options: ReadOptions): Promise<Tensor> {
  return reading(fn, source, options, async (reader) => {
    const what = `the header of '${name}'`
    const width = lengthWidth(fn, await reader.take(PREFIX, what))
    const length = dictionaryLength(fn, await reader.take(width, what))
    const { size, ...array } = parseHeader(fn, name, await reader.take(length, what))
    const bytes = await reader.takeOwn(size, `the data of '${name}'`)
    await reader.finish()
    return toTensor(fn, name, { ...array, bytes }, options)
  })
}

// Reads safetensors: all tensors of a stream in one pass, or a file opened for single ones.
// Hugging Face, safetensors format, 2022.

import type { Tensor } from '@adjoint/core'
import type { ByteSource, EntryInfo, ReadOptions, TensorFile, TransferOptions } from '../api.js'
import { reading } from '../bytes/reader.js'
import { randomAccess } from '../bytes/source.js'
import { toTensor } from '../elements/to-tensor.js'
import { corrupt, missingEntry } from '../errors.js'
import { headerLength, parseHeader } from './header.js'

/** An open safetensors file: its header has been read and checked. */
export interface SafetensorsFile extends TensorFile {
  /** What the writer noted, as text by name. */
  readonly metadata: Readonly<Record<string, string>>
  /** Shape and element type of a tensor. @throws AdjointError `missing-data` */
  info(name: string): EntryInfo
}

/**
 * All tensors of a safetensors file, by name; a stream is read as it comes. Files of `serialize` give their tensors by
 * path.
 *
 * @throws AdjointError `corrupt-data` for a file that is not what it claims; `dtype-unsupported` for types that no
 * tensor holds exactly, naming the entry and the option that helps
 * @example
 * const file = await safetensors.write({ weight: ones([2, 3]) })
 * const { weight } = await safetensors.read(file)
 * weight.shape   // [2, 3]
 */
export function read(source: ByteSource, options: ReadOptions = {}): Promise<Record<string, Tensor>> {
  const fn = 'safetensors.read'
  return reading(fn, source, options, async (reader) => {
    const length = headerLength(fn, await reader.take(8, 'the length of the header'))
    const { entries } = parseHeader(fn, await reader.take(length, 'the header'))
    const tensors: [string, Tensor][] = []
    for (const [name, { shape, type, begin, end }] of entries) {
      const bytes = await reader.takeOwn(end - begin, `'${name}'`)
      tensors.push([name, toTensor(fn, name, { shape, type, bytes }, options)])
    }
    await reader.finish()
    return Object.fromEntries(tensors)
  })
}

/**
 * Opens a safetensors file: reads the header now and each tensor when it is asked for, from its place in a `Blob` or
 * array. (A stream has no places; it is collected first: that is what the options watch.)
 *
 * @throws AdjointError as `read`
 * @example
 * const file = await safetensors.open(new Blob([await safetensors.write({ a: ones([2]), b: zeros([9]) })]))
 * file.names                        // ['a', 'b']
 * const a = await file.read('a')    // [1, 1]: 8 bytes of the file
 */
export async function open(source: ByteSource, options: TransferOptions = {}): Promise<SafetensorsFile> {
  const fn = 'safetensors.open'
  const file = await randomAccess(fn, source, options)
  if (file.size < 8) throw corrupt(fn, `${file.size} bytes`, 'at least the 8 of the length of the header')
  const start = 8 + headerLength(fn, await file.bytes(0, 8), file.size - 8)
  const { metadata, entries, size } = parseHeader(fn, await file.bytes(8, start))
  if (start + size !== file.size) {
    throw corrupt(fn, `${file.size - start} bytes of data`, `the ${size} that the header describes`)
  }
  const names = [...entries.keys()]
  const find = (name: string) => entries.get(name) ?? fail(missingEntry('SafetensorsFile.read', name, names))
  return {
    names,
    metadata,
    info(name) {
      const { shape, type } = find(name)
      return { shape, type }
    },
    async read(name, options = {}) {
      const { shape, type, begin, end } = find(name)
      const bytes = await file.own(start + begin, start + end, options)
      return toTensor('SafetensorsFile.read', name, { shape, type, bytes }, options)
    },
  }
}

function fail(error: Error): never {
  throw error
}

// Reads NPZ, the zip archives of NumPy: all arrays, or an archive opened for single ones.
// NumPy, savez and savez_compressed.

import { AdjointError, type Tensor } from '@adjoint/core'
import type { ByteSource, ReadOptions, TensorFile, TransferOptions, TransferProgress } from '../api.js'
import { type RandomAccess, randomAccess } from '../bytes/source.js'
import { corrupt, missingEntry, quote } from '../errors.js'
import { readArray } from '../npy/read.js'
import { readDirectory, type ZipEntry } from './directory.js'
import { unpack } from './unpack.js'

/** Options of `npz.read` and `npz.open`. */
export interface NpzOptions extends TransferOptions {
  /** Bytes that the compressed arrays may unpack to, together: a guard against archives made to fill the memory. @defaultValue 2 ** 30 */
  readonly limit?: number
}

const SUFFIX = '.npy'

/**
 * All arrays of an NPZ archive, by name. Its directory is at the end: a stream is collected first. Files of the archive
 * that are no arrays are left out.
 *
 * @throws AdjointError `corrupt-data` for an archive that is not what it claims, checksums included; `invalid-argument`
 * where it unpacks to more than `limit`; otherwise as `npy.read`
 * @example
 * const file = await npz.write({ x: ones([2, 3]), y: zeros([2]) })
 * const { x, y } = await npz.read(file)
 */
export async function read(
  source: ByteSource,
  options: ReadOptions & NpzOptions = {},
): Promise<Record<string, Tensor>> {
  const fn = 'npz.read'
  const { file, entries } = await openArchive(fn, source, options)
  const total = [...entries.values()].reduce((sum, { size }) => sum + size, 0)
  const tensors: [string, Tensor][] = []
  let before = 0
  for (const [name, entry] of entries) {
    // Of a stream its arrival is what takes long, and has been reported.
    const report = file.isCollected ? undefined : options.onProgress
    const start = before
    const onProgress = report && (({ bytes }: TransferProgress) => report({ bytes: start + bytes, total }))
    tensors.push([name, await readEntry(fn, file, name, entry, { ...options, onProgress })])
    before += entry.size
  }
  return Object.fromEntries(tensors)
}

/**
 * Opens an NPZ archive: reads its directory now and each array when it is asked for.
 *
 * @throws AdjointError as `read`
 * @example
 * const file = await npz.open(new Blob([await npz.write({ x: ones([2, 3]), y: zeros([2]) })]))
 * file.names                      // ['x', 'y']
 * const y = await file.read('y')
 */
export async function open(source: ByteSource, options: NpzOptions = {}): Promise<TensorFile> {
  const fn = 'npz.open'
  const { file, entries } = await openArchive(fn, source, options)
  return {
    names: [...entries.keys()],
    async read(name, options = {}) {
      const entry = entries.get(name)
      if (entry === undefined) throw missingEntry(fn, name, [...entries.keys()])
      return readEntry(fn, file, name, entry, options)
    },
  }
}

async function openArchive(fn: string, source: ByteSource, { limit = 2 ** 30, ...options }: NpzOptions) {
  const file = await randomAccess(fn, source, options)
  const entries = arraysOf(fn, await readDirectory(fn, file))
  checkLimit(fn, [...entries.values()], limit)
  return { file, entries }
}

function readEntry(fn: string, file: RandomAccess, name: string, entry: ZipEntry, options: ReadOptions) {
  return readArray(fn, name, unpack(fn, file, entry), options)
}

function arraysOf(fn: string, entries: readonly ZipEntry[]): ReadonlyMap<string, ZipEntry> {
  const arrays = new Map<string, ZipEntry>()
  for (const entry of entries) {
    if (!entry.name.endsWith(SUFFIX)) continue
    const name = entry.name.slice(0, -SUFFIX.length)
    if (arrays.has(name)) throw corrupt(fn, `two arrays named ${quote(name)}`, 'one of each name')
    arrays.set(name, entry)
  }
  return arrays
}

function checkLimit(fn: string, entries: readonly ZipEntry[], limit: number): void {
  const size = entries.reduce((sum, entry) => sum + (entry.deflated ? entry.size : 0), 0)
  if (size <= limit) return
  throw new AdjointError('invalid-argument', {
    fn,
    given: `an archive that unpacks to ${size} bytes`,
    expected: `at most ${limit}`,
    fix: 'Where you trust the file and have the memory, raise { limit }',
  })
}

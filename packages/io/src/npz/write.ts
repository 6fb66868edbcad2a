// Writes NPZ, the zip archives of NumPy, stored or deflated; fflate does the packing.
// NumPy, savez and savez_compressed.

import { AdjointError, type Tensor } from '@adjoint/core'
import { Zip, ZipDeflate, ZipPassThrough } from 'fflate'
import type { Bytes, TransferOptions } from '../api.js'
import { bytesOf, type Outgoing, streamFrom } from '../bytes/stream.js'
import { namedTensors } from '../elements/from-tensor.js'
import { elementSize } from '../elements/types.js'
import { arrayFile } from '../npy/write.js'

/** Options of `npz.write` and `npz.stream`. */
export interface NpzWriteOptions extends TransferOptions {
  /** Whether the arrays are deflated: smaller and slower. @defaultValue false */
  readonly compress?: boolean
}

const PIECE = 1 << 18
/** Without the 64-bit fields an archive ends here; headers and names fit into the rest. */
const MAX_DATA = 2 ** 32 - 2 ** 26

/**
 * Tensors by name as an NPZ archive, for `np.load`. Equal tensors make equal files: there is no date in them.
 *
 * @throws AdjointError `invalid-argument` for anything but tensors, and for 4 GiB or more; as `Tensor.data`
 * @example
 * const file = await npz.write({ x: ones([100, 3]), y: zeros([100]) }, { compress: true })
 */
export async function write(tensors: Readonly<Record<string, Tensor>>, options: NpzWriteOptions = {}): Promise<Bytes> {
  return bytesOf(fileOf('npz.write', tensors, options), options)
}

/**
 * The same archive as a stream, which reads one tensor at a time.
 *
 * @throws AdjointError as `write`; what concerns values comes through the stream
 * @example
 * const upload = new Response(npz.stream({ x: ones([100, 3]) }))
 */
export function stream(
  tensors: Readonly<Record<string, Tensor>>,
  options: NpzWriteOptions = {},
): ReadableStream<Uint8Array> {
  return streamFrom(fileOf('npz.stream', tensors, options), options)
}

function fileOf(
  fn: string,
  tensors: Readonly<Record<string, Tensor>>,
  { compress = false }: NpzWriteOptions,
): Outgoing {
  const entries = namedTensors(fn, tensors)
  const size = entries.reduce((sum, [, x]) => sum + x.size * elementSize(x.dtype), 0)
  if (size > MAX_DATA) {
    throw new AdjointError('invalid-argument', {
      fn,
      given: `${size} bytes of tensors`,
      expected: `at most ${MAX_DATA}`,
      fix: 'Write several archives, or safetensors, which has no such limit',
    })
  }
  return { chunks: pack(fn, entries, compress) }
}

async function* pack(fn: string, entries: readonly (readonly [string, Tensor])[], compress: boolean) {
  const ready: Uint8Array[] = []
  const zip = new Zip((error, chunk) => {
    if (error !== null) throw error
    ready.push(chunk)
  })
  for (const [name, x] of entries) {
    const file = compress ? new ZipDeflate(`${name}.npy`) : new ZipPassThrough(`${name}.npy`)
    file.mtime = new Date(1980, 0, 1)
    zip.add(file)
    for await (const chunk of arrayFile(fn, x, {}, `'${name}'`).chunks) {
      for (let at = 0; at < chunk.length; at += PIECE) {
        file.push(chunk.subarray(at, at + PIECE))
        yield* ready.splice(0)
      }
    }
    file.push(new Uint8Array(0), true)
  }
  zip.end()
  yield* ready
}

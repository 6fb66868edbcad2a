// Files that may not be bundled: found in a local folder, in the cache or at an address, always checked by sha256.

import { AdjointError } from '@adjoint/core'
import { platform } from '#platform'
import type { OnDemandOptions } from '../api.js'

/** A file that is known by its content. */
export interface SourceFile {
  readonly file: string
  /** Lower-case hexadecimal. */
  readonly sha256: string
  readonly bytes: number
}

type Bytes = Uint8Array<ArrayBuffer>

/**
 * Finds a file: the local folder first, then the cache, then the address. A local file or a download with the wrong
 * checksum is an error; a cached one is fetched again.
 *
 * @throws AdjointError `missing-data` when there is nowhere to take the file from, `checksum-mismatch`, `aborted`
 */
export async function obtain(fn: string, source: SourceFile, options: OnDemandOptions): Promise<Bytes> {
  const folder = options.folder ?? platform.environment('ADJOINT_DATA')
  const local = folder === undefined ? undefined : await readLocal(fn, folder, source.file)
  if (local !== undefined) return verified(fn, source, local, `${source.file} in ${folder}`)
  const cached = await platform.recall(cacheName(source))
  if (cached !== undefined && (await sha256(cached)) === source.sha256) return cached
  if (options.url === undefined) throw missing(fn, source, folder)
  const bytes = await verified(fn, source, await download(fn, source, options.url, options.signal), 'a download')
  await platform.remember(cacheName(source), bytes)
  return bytes
}

async function readLocal(fn: string, folder: string, file: string): Promise<Bytes | undefined> {
  try {
    return await platform.local(folder, file)
  } catch (cause) {
    const given = `${file} in ${folder}: ${cause instanceof Error ? cause.message : String(cause)}`
    const fix = 'Check the permissions, or name another folder by ADJOINT_DATA or the folder option'
    throw new AdjointError('missing-data', { fn, given, expected: 'a readable file', fix, cause })
  }
}

// The digest in the name keeps two editions of one file apart.
const cacheName = ({ file, sha256 }: SourceFile): string => `${sha256.slice(0, 16)}-${file}`

async function download(fn: string, { file }: SourceFile, folder: string, signal?: AbortSignal): Promise<Bytes> {
  const address = new URL(file, folder.endsWith('/') ? folder : `${folder}/`)
  try {
    const response = await fetch(address, { signal: signal ?? null })
    if (!response.ok) throw new Error(`the server answered ${response.status} ${response.statusText}`)
    return new Uint8Array(await response.arrayBuffer())
  } catch (cause) {
    const given = `${address.href}: ${cause instanceof Error ? cause.message : String(cause)}`
    if (signal?.aborted) throw new AdjointError('aborted', { fn, given, cause })
    const fix = 'Check the address and the connection, or download the file by hand into the folder option'
    throw new AdjointError('missing-data', { fn, given, expected: `the file ${file}`, fix, cause })
  }
}

async function verified(fn: string, source: SourceFile, bytes: Bytes, place: string): Promise<Bytes> {
  const digest = await sha256(bytes)
  if (digest === source.sha256) return bytes
  throw new AdjointError('checksum-mismatch', {
    fn,
    given: `${place} of ${bytes.length} bytes with sha256 ${digest}`,
    expected: `${source.bytes} bytes with sha256 ${source.sha256}`,
    fix: `Replace it by an intact copy of ${source.file}`,
  })
}

async function sha256(bytes: Bytes): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

function missing(fn: string, { file, sha256, bytes }: SourceFile, folder: string | undefined): AdjointError {
  const looked = folder === undefined ? 'ADJOINT_DATA is not set' : `no ${file} in ${folder}`
  return new AdjointError('missing-data', {
    fn,
    given: `no local copy of ${file} (${looked}; nothing in ${platform.cachePlace()}) and no url option`,
    expected: `${file}, ${bytes} bytes with sha256 ${sha256}`,
    fix: `Put ${file} into a folder and name it by ADJOINT_DATA or the folder option, or pass { url } of a folder that serves it`,
  })
}

// Node, Bun and Deno: files beside the module, `process.env`, and a cache folder where the system keeps caches.
// ADJOINT_CACHE moves the cache.

import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import envPaths from 'env-paths'
import type { Platform } from './api.js'

function cacheFolder(): string {
  return process.env.ADJOINT_CACHE ?? envPaths('adjoint', { suffix: '' }).cache
}

async function readIfThere(path: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
  try {
    return new Uint8Array(await readFile(path))
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw error
  }
}

/** The platform of server runtimes. */
export const platform: Platform = {
  environment: (name) => process.env[name],
  bundled: async (url) => new Uint8Array(await readFile(url)),
  local: (folder, file) => readIfThere(join(folder, file)),
  cachePlace: () => cacheFolder(),
  recall: (file) => readIfThere(join(cacheFolder(), file)).catch(() => undefined),
  async remember(file, bytes) {
    const path = join(cacheFolder(), file)
    // A rename is atomic: two processes that load at once never see half a file.
    const partial = `${path}.${process.pid}.partial`
    try {
      await mkdir(cacheFolder(), { recursive: true })
      await writeFile(partial, bytes)
      await rename(partial, path)
    } catch {
      // A read-only disk costs the next run a download, nothing else.
    }
  },
}

// Browsers: files beside the module and downloads through fetch, kept by the Cache API where the page has one.
// There is no environment and no local folder.

import type { Platform } from './api.js'

const STORE = 'adjoint-datasets'

async function bytesOf(response: Response): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await response.arrayBuffer())
}

// The Cache API wants addresses; this one is never requested.
const addressOf = (file: string): string => `https://adjoint.invalid/datasets/${encodeURIComponent(file)}`

/** The platform of browsers and workers. */
export const platform: Platform = {
  environment: () => undefined,
  async bundled(url) {
    const response = await fetch(url)
    if (!response.ok) throw new Error(`${url.href} answered ${response.status} ${response.statusText}`)
    return bytesOf(response)
  },
  local: async () => undefined,
  cachePlace: () => `the browser's cache "${STORE}"`,
  async recall(file) {
    if (!('caches' in globalThis)) return undefined
    const found = await (await caches.open(STORE)).match(addressOf(file))
    return found === undefined ? undefined : bytesOf(found)
  },
  async remember(file, bytes) {
    if (!('caches' in globalThis)) return
    await (await caches.open(STORE)).put(addressOf(file), new Response(bytes))
  },
}

// What functions of this package know of the backends it has made.

import type { Backend } from '@adjoint/core'
import type { Store } from './storage.js'

const stores = /* @__PURE__ */ new WeakMap<Backend, () => Store>()

/** Notes where a backend keeps its tensors. */
export function registerStore(backend: Backend, store: () => Store): void {
  stores.set(backend, store)
}

/** Where a backend keeps its tensors; `undefined` for backends that are not of this package. */
export function storeOf(backend: Backend): Store | undefined {
  return stores.get(backend)?.()
}

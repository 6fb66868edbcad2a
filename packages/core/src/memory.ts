// Freeing what a block of work made: scopes, and what backends hold.

import type { Backend, MemoryInfo } from './backend/backend.js'
import { defaultBackend, refusePromise } from './backend/current.js'
import { drained } from './backend/dispatch.js'
import { runtime } from './runtime.js'
import { releasing } from './temporaries.js'
import { isTensor, type Tensor } from './tensor.js'
import { flatten } from './tree.js'

/** Frees what was made in it, for work that awaits; see `scope`. */
export interface AsyncScope extends AsyncDisposable {
  /** Runs synchronous work whose tensors belong to the scope; those in the result are kept until the scope ends too. */
  run<R>(fn: () => R): R
  /** Takes tensors out of the scope: they live on. */
  keep<R>(value: R): R
}

/**
 * Runs a synchronous function and frees every tensor it made, but for those it returns.
 * Without a function: a scope for `await using`, around asynchronous work.
 *
 * @throws AdjointError `promise-in-trace` when the function returns a promise
 * @example
 * const norm = scope(() => ones([100]).square().sum().sqrt())
 * norm.item()   // 10
 */
export function scope(): AsyncScope
export function scope<R>(fn: () => R): R
export function scope<R>(fn?: () => R): R | AsyncScope {
  if (fn === undefined) return asyncScope()
  return releasing(() => refusePromise('scope', fn()), tensorsOf)
}

function tensorsOf(value: unknown): Tensor[] {
  if (value === null || typeof value !== 'object') return []
  return flatten(value).leaves.filter(isTensor)
}

function asyncScope(): AsyncScope {
  const made = new Set<Tensor>()
  return {
    run(fn) {
      const outer = runtime.scope
      runtime.scope = made
      try {
        return releasing(
          () => refusePromise('scope.run', fn()),
          () => new Set(runtime.scope),
        )
      } finally {
        runtime.scope = outer
      }
    },
    keep(value) {
      for (const x of tensorsOf(value)) made.delete(x)
      return value
    },
    async [Symbol.asyncDispose]() {
      for (const x of made) x.dispose()
    },
  }
}

/**
 * Live buffers of a backend and their bytes. Backends whose memory the garbage collector owns report 0.
 *
 * @example
 * memory().buffers
 */
export function memory(backend: Backend = defaultBackend()): MemoryInfo {
  return backend.memory()
}

/**
 * Waits until a backend has finished what was queued on it.
 *
 * @example
 * await synchronize()
 */
export async function synchronize(backend: Backend = defaultBackend()): Promise<void> {
  await drained(backend)
}

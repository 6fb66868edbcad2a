// Which backend new tensors go to: one visible setting, and beside it the host backend for float64 and host algorithms.

import { AdjointError } from '../error.js'
import { runtime, warnOnce } from '../runtime.js'
import type { Tensor } from '../tensor.js'
import type { Backend } from './backend.js'
import { reference } from './reference.js'

/**
 * The backend that new tensors are made on.
 *
 * @example
 * defaultBackend().name
 */
export function defaultBackend(): Backend {
  if (runtime.backend !== null) return runtime.backend
  warnOnce("Adjoint runs on its reference kernels; import 'adjoint' or call setBackend() for a faster backend.")
  return reference
}

/**
 * Makes a backend the default for tensors created from now on. Existing tensors stay where they are.
 *
 * @param backend - the new default; `null` goes back to the reference kernels
 * @example
 * setBackend(reference)
 */
export function setBackend(backend: Backend | null): void {
  runtime.backend = backend
}

/**
 * The backend of host algorithms and of what a device lacks (float64, keys, missing kernels).
 *
 * @example
 * hostBackend().sync   // true: the host reads without waiting
 */
export function hostBackend(): Backend {
  return runtime.host ?? reference
}

/**
 * Sets the host backend.
 *
 * @throws AdjointError `invalid-argument` for a backend that cannot be read synchronously
 * @example
 * setHostBackend(reference)
 */
export function setHostBackend(backend: Backend): void {
  if (!backend.sync) {
    throw new AdjointError('invalid-argument', {
      fn: 'setHostBackend',
      given: `backend '${backend.name}', which reads asynchronously`,
      expected: 'a synchronous backend',
    })
  }
  runtime.host = backend
}

/**
 * Runs a synchronous function with another default backend.
 *
 * @param backend - the default inside `fn`
 * @param fn - synchronous: the setting is global, so a promise would leak it
 * @returns what `fn` returns
 * @throws AdjointError `promise-in-trace` when `fn` returns a promise
 * @example
 * const x = withBackend(reference, () => ones([3]))
 */
export function withBackend<R>(backend: Backend, fn: () => R): R {
  const outer = runtime.backend
  runtime.backend = backend
  try {
    return refusePromise('withBackend', fn())
  } finally {
    runtime.backend = outer
  }
}

/** @internal Runs a rule with its operands' backend as the default: constants that it makes lie beside them. */
export function beside<R>(operands: readonly Tensor[], fn: () => R): R {
  const outer = runtime.backend
  const placed = operands.find((x) => x.trace !== null || x.buffer !== null)
  const inner = placed?.backend ?? outer
  if (inner === outer) return fn()
  runtime.backend = inner
  try {
    return fn()
  } finally {
    runtime.backend = outer
  }
}

/** @internal The value, unless it is a promise: synchronous settings would be gone when it resolves. */
export function refusePromise<R>(fn: string, value: R): R {
  if (typeof (value as { then?: unknown } | null)?.then === 'function') {
    throw new AdjointError('promise-in-trace', {
      fn,
      given: 'a function that returned a promise',
      expected: 'a synchronous function',
      fix: 'Compute inside, return tensors, and await their data() outside',
    })
  }
  return value
}

// What a computation makes on the way is released when it ends, but for its results: scopes, and composed functions.

import { runtime, type Trace } from './runtime.js'
import type { Tensor } from './tensor.js'

/** @internal What work returns, with the tensors it made; they are released where it fails. */
export function collect<R>(work: () => R): { result: R; made: Set<Tensor> } {
  const outer = runtime.scope
  const made = new Set<Tensor>()
  runtime.scope = made
  try {
    return { result: work(), made }
  } catch (error) {
    dispose(made)
    throw error
  } finally {
    runtime.scope = outer
  }
}

/** @internal Releases tensors. */
export function dispose(tensors: Iterable<Tensor>): void {
  for (const x of tensors) x.dispose()
}

/** @internal Runs work and releases what it made; the tensors of its result belong to the scope around it. */
export function releasing<R>(work: () => R, tensorsOf: (result: R) => readonly Tensor[]): R {
  const { result, made } = collect(work)
  for (const x of tensorsOf(result)) if (made.delete(x)) runtime.scope?.add(x)
  dispose(made)
  return result
}

/** What a function may be given: numbers, tensors, and keys, which are one tensor each. */
type Operand = number | { readonly trace: Trace | null }

/** The scope of the composed function that runs. */
let open: ReadonlySet<Tensor> | null = null

/**
 * @internal What work composes of operands. Where nothing transforms or records them, its intermediates are released at
 * once; a tape would still need them. Those of composed functions inside are released with its own.
 */
export function composed<R extends Tensor | readonly Tensor[]>(operands: readonly Operand[], work: () => R): R {
  if (runtime.staging !== null || (open !== null && runtime.scope === open)) return work()
  for (const x of operands) if (typeof x === 'object' && x?.trace !== null) return work()
  return releasing(
    () => {
      open = runtime.scope
      return work()
    },
    (result: Tensor | readonly Tensor[]) => (isList(result) ? result : [result]),
  )
}

function isList(value: Tensor | readonly Tensor[]): value is readonly Tensor[] {
  return Array.isArray(value)
}

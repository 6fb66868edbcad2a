// What a computation makes on the way is released when it ends, but for its results: scopes, and composed functions.

import { runtime, type Trace } from './runtime.js'
import type { Tensor } from './tensor.js'

/** @internal Runs work and releases what it made; the tensors that it keeps belong to the scope around it. */
export function releasing<R>(work: () => R, kept: (result: R) => Iterable<Tensor>): R {
  const outer = runtime.scope
  const made = new Set<Tensor>()
  runtime.scope = made
  try {
    const result = work()
    for (const x of kept(result)) if (made.delete(x)) outer?.add(x)
    return result
  } finally {
    runtime.scope = outer
    for (const x of made) x.dispose()
  }
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
  const scoped = () => {
    open = runtime.scope
    return work()
  }
  return releasing(scoped, (result) => (Array.isArray(result) ? result : [result]) as Tensor[])
}

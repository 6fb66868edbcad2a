// jit against eager.

import { jit, tree } from '@adjoint/core'
import { requireTreesClose } from './close.js'

/** Options of `checkJit`. */
export interface JitCheckOptions {
  /** Largest `|error| / max(1, |value|)`: fused kernels round in other places. @defaultValue 1e-5 */
  readonly tolerance?: number
  /** Name for messages. @defaultValue the function's */
  readonly name?: string
  /** Releases the results after comparing them; for checks that count buffers. @defaultValue false */
  readonly dispose?: boolean
}

/**
 * Checks that `jit(fn)` returns what `fn` does: when it traces, and when it runs the compiled code again.
 *
 * @returns the largest error
 * @throws CheckFailure
 * @example
 * await checkJit((x: Tensor) => x.mul(2).exp().sum(), [tensor([1, 2])])
 */
export async function checkJit<A extends unknown[]>(
  fn: (...args: A) => unknown,
  args: A,
  options: JitCheckOptions = {},
): Promise<number> {
  const { tolerance = 1e-5, name = fn.name || 'function', dispose = false } = options
  const eager = fn(...args)
  const compiled = jit(fn)
  const [first, again] = [compiled(...args), compiled(...args)]
  const hint = "Look at the backend's compiled kernels, or at what the function does besides computing on its arguments"
  const against = (actual: unknown, check: string) =>
    requireTreesClose(actual, eager, { subject: name, check, hint, tolerance })
  const errors = await Promise.all([
    against(first, 'jit against eager'),
    against(again, 'jit, called again, against eager'),
  ])
  if (dispose) for (const leaf of tree.leaves([eager, first, again])) if (typeof leaf !== 'number') leaf.dispose()
  return Math.max(...errors)
}

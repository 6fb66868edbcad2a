// vmap against a loop over the lanes, alone and nested.

import { stack, type Tensor, tree, vmap } from '@adjoint/core'
import { requireTreesClose } from './close.js'
import { CheckFailure } from './failure.js'

/** Options of `checkVmap`. */
export interface VmapCheckOptions {
  /** As in `vmap`: per argument, or one for all. @defaultValue 0 */
  readonly inAxes?: number | null | readonly (number | null)[]
  /** Largest `|error| / max(1, |value|)`. @defaultValue 1e-5 */
  readonly tolerance?: number
  /** Name for messages. @defaultValue the function's */
  readonly name?: string
}

/**
 * Checks that `vmap(fn)` does what a loop over the lanes does, and that two nested `vmap`s do what two loops do.
 *
 * @param fn - of one lane
 * @param args - batches, as `vmap(fn)` takes them
 * @returns the largest error
 * @throws CheckFailure
 * @example
 * await checkVmap((x: Tensor) => x.exp().sum(), [tensor([[1, 2], [3, 4]])])
 */
export async function checkVmap<A extends unknown[]>(
  fn: (...args: A) => unknown,
  args: A,
  options: VmapCheckOptions = {},
): Promise<number> {
  const { inAxes = 0, tolerance = 1e-5, name = fn.name || 'function' } = options
  const axes = typeof inAxes === 'number' || inAxes === null ? args.map(() => inAxes) : inAxes
  const size = batchSize(args, axes, name)
  const hint =
    'Look at the vmap rules of the primitives it uses: batched inputs carry the lanes as axis 0, and so must every output'
  const once = await requireTreesClose(vmap(fn, { inAxes: axes })(...args), loop(fn, args, axes, size), {
    subject: name,
    check: 'vmap against a loop',
    hint,
    tolerance,
  })
  const outer = args.map((arg, i) => nested(arg, axes[i])) as A
  const outerAxes = axes.map((axis) => (axis === null ? null : 0))
  const inner = ((...lane: A) => vmap(fn, { inAxes: axes })(...lane)) as (...args: A) => unknown
  const expected = loop(((...lane: A) => loop(fn, lane, axes, size)) as (...args: A) => unknown, outer, outerAxes, 2)
  const twice = await requireTreesClose(vmap(inner, { inAxes: outerAxes })(...outer), expected, {
    subject: name,
    check: 'vmap of vmap against two loops',
    hint,
    tolerance,
  })
  return Math.max(once, twice)
}

function loop<A extends unknown[]>(
  fn: (...args: A) => unknown,
  args: A,
  axes: readonly (number | null)[],
  size: number,
): unknown {
  const results = Array.from({ length: size }, (_, lane) =>
    fn(...(args.map((arg, i) => laneOf(arg, axes[i], lane)) as A)),
  )
  return tree.map((...lanes: (Tensor | number)[]) => stack(lanes), results[0], ...results.slice(1))
}

function laneOf(arg: unknown, axis: number | null, lane: number): unknown {
  if (axis === null) return arg
  return tree.map(
    (x: Tensor | number) => (typeof x === 'number' ? x : x.slice(...x.shape.map((_, i) => (i === axis ? lane : null)))),
    arg,
  )
}

/** The batch and, as a second lane of an outer batch, the batch in reverse order. */
function nested(arg: unknown, axis: number | null): unknown {
  if (axis === null) return arg
  return tree.map((x: Tensor | number) => (typeof x === 'number' ? x : stack([x, x.flip(axis)])), arg)
}

function batchSize(args: readonly unknown[], axes: readonly (number | null)[], subject: string): number {
  for (let i = 0; i < args.length; i++) {
    const axis = axes[i]
    if (axis === null) continue
    const first = tree.leaves(args[i]).find((x) => typeof x !== 'number')
    if (first !== undefined && first.shape[axis] > 0) return first.shape[axis]
  }
  throw new CheckFailure({
    subject,
    check: 'checkVmap',
    found: 'no batched tensor with at least one lane',
    hint: 'Give each batched argument a batch axis, and check inAxes',
  })
}

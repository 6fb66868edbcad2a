// vmap: a function of one example becomes a function of a batch.

import { AdjointError } from '../error.js'
import { broadcastTo, moveAxis } from '../functions/movement.js'
import { withTrace } from '../runtime.js'
import { formatAval, formatShape, normalizeAxis } from '../shape.js'
import { isTensor, type Tensor } from '../tensor.js'
import { BatchTrace } from '../trace/batch.js'
import { flatten, type Leaf, type TensorsOf, unflatten } from '../tree.js'
import { flattenFunction, leafTensor } from './flat.js'

/** Which axis is the batch; `null` for arguments that all lanes share. */
export interface VmapOptions {
  /** Per argument, or one for all. @defaultValue 0 */
  readonly inAxes?: number | null | readonly (number | null)[]
  /** Where the batch goes in the results. @defaultValue 0 */
  readonly outAxes?: number
}

/**
 * The function applied to every lane of its arguments at once.
 *
 * @param fn - written for one example
 * @throws AdjointError `shape-mismatch` when batches differ in length; `missing-rule` for a primitive that does not batch
 * @example
 * const norms = vmap((x: Tensor) => x.square().sum().sqrt())(tensor([[3, 4], [6, 8]]))   // [5, 10]
 */
export function vmap<A extends unknown[], R>(
  fn: (...args: A) => R,
  { inAxes = 0, outAxes = 0 }: VmapOptions = {},
): (...args: A) => TensorsOf<R> {
  return (...args) => {
    const axes = typeof inAxes === 'number' || inAxes === null ? args.map(() => inAxes) : inAxes
    if (axes.length !== args.length) {
      throw new AdjointError('invalid-argument', {
        fn: 'vmap',
        given: `${axes.length} inAxes for ${args.length} arguments`,
        expected: 'one per argument',
      })
    }
    const parts = args.map(flatten)
    const inputs = parts.flatMap((part, i) => part.leaves.map((leaf) => batched(leaf, axes[i])))
    const size = batchSize(inputs)
    const flat = flattenFunction('vmap', fn as never, { kind: 'array', children: parts.map((part) => part.structure) })
    const outputs = mapLanes(
      flat.fn,
      inputs.map((x) => x.tensor),
      inputs.map((x) => x.batched),
      size,
    )
    return unflatten(
      flat.result(),
      outputs.map((out) => moveAxis(out, 0, outAxes)),
    ) as TensorsOf<R>
  }
}

/** @internal Runs a flat function over lanes along axis 0 of the marked inputs; every output gets the lanes as axis 0. */
export function mapLanes(
  fn: (inputs: Tensor[]) => readonly Tensor[],
  inputs: readonly Tensor[],
  marked: readonly boolean[],
  size: number,
): Tensor[] {
  return withTrace(
    (level) => new BatchTrace(level, size),
    false,
    (trace) => {
      const outputs = fn(inputs.map((x, i) => (marked[i] ? trace.lane(x) : x)))
      return outputs.map((out) => (trace.isBatched(out) ? trace.batchOf(out) : broadcastTo(out, [size, ...out.shape])))
    },
  )
}

interface Input {
  readonly tensor: Tensor
  readonly batched: boolean
}

function batched(leaf: Leaf, axis: number | null): Input {
  if (axis === null || !isTensor(leaf)) return { tensor: leafTensor(leaf), batched: false }
  if (leaf.ndim === 0) {
    throw new AdjointError('shape-mismatch', {
      fn: 'vmap',
      given: formatAval(leaf),
      expected: 'a batch axis',
      fix: 'Mark arguments without one with `inAxes: null`',
    })
  }
  return { tensor: moveAxis(leaf, normalizeAxis('vmap', axis, leaf.ndim), 0), batched: true }
}

function batchSize(inputs: readonly Input[]): number {
  const sizes = inputs.filter((x) => x.batched).map((x) => x.tensor.shape[0])
  if (sizes.length === 0 || sizes.some((n) => n !== sizes[0])) {
    throw new AdjointError('shape-mismatch', {
      fn: 'vmap',
      given: sizes.length === 0 ? 'no batched argument' : `batches of lengths ${formatShape(sizes)}`,
      expected: 'batches of one length',
    })
  }
  return sizes[0]
}

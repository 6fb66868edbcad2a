// Trees of float tensors as vectors [n], on which the solvers work.

import {
  AdjointError,
  broadcastTo,
  cast,
  concat,
  fullLike,
  isTensor,
  reshape,
  split,
  type Tensor,
  tree,
} from '@adjoint/core'
import { checkParams } from './checks.js'

/** Trees like one as vectors `[n]`, and the way back. */
export interface VectorSpace<X> {
  /** The tree that it was made of, as a vector. */
  readonly start: Tensor
  ravel(value: unknown): Tensor
  unravel(vector: Tensor): X
  /** A number, or a tree of numbers and tensors that broadcast to the leaves, as a vector. */
  ravelBroadcast(name: string, value: unknown): Tensor
}

/** Vectors of the widest dtype among the leaves; trees made from them have the leaves' own dtypes again. */
export function vectorSpace<X>(fn: string, like: X): VectorSpace<X> {
  const leaves = checkParams(fn, like)
  const { structure } = tree.flatten(like)
  const sizes = leaves.map((x) => x.size)
  if (sizes.reduce((a, b) => a + b, 0) === 0) {
    throw new AdjointError('invalid-argument', {
      fn,
      given: 'a start without numbers',
      expected: 'at least one float tensor that is not empty',
    })
  }
  const dtype = leaves.some((x) => x.dtype === 'float64') ? 'float64' : 'float32'
  const join = (parts: readonly Tensor[]): Tensor => {
    const flat = parts.map((x) => reshape(x.dtype === dtype ? x : cast(x, dtype), [x.size]))
    return flat.length === 1 ? flat[0] : concat(flat)
  }
  return {
    start: join(leaves),
    ravel: (value) => join(tree.leaves(value).filter(isTensor)),
    unravel(vector) {
      const parts = leaves.length === 1 ? [vector] : split(vector, sizes)
      const shaped = parts.map((part, i) => {
        const whole = reshape(part, leaves[i].shape)
        return leaves[i].dtype === dtype ? whole : cast(whole, leaves[i].dtype)
      })
      return tree.unflatten(structure, shaped) as X
    },
    ravelBroadcast(name, value) {
      const parts = isScalar(value) ? leaves.map(() => value) : tree.leaves(value)
      if (parts.length !== leaves.length) throw notAlike(fn, name, parts.length, leaves.length)
      return join(parts.map((part, i) => broadcastLike(fn, name, part as Tensor | number, leaves[i])))
    },
  }
}

function isScalar(value: unknown): value is number | Tensor {
  return typeof value === 'number' || (isTensor(value) && value.ndim === 0)
}

function broadcastLike(fn: string, name: string, value: Tensor | number, leaf: Tensor): Tensor {
  if (typeof value === 'number') return fullLike(leaf, value)
  const fits =
    value.ndim <= leaf.ndim && value.shape.every((d, i) => d === 1 || d === leaf.shape[i + leaf.ndim - value.ndim])
  if (fits) return broadcastTo(value.dtype === leaf.dtype ? value : cast(value, leaf.dtype), leaf.shape)
  throw new AdjointError('shape-mismatch', {
    fn,
    given: `${name} of shape [${value.shape.join(', ')}] for a leaf of shape [${leaf.shape.join(', ')}]`,
    expected: 'a shape that broadcasts to the leaf',
  })
}

function notAlike(fn: string, name: string, given: number, expected: number): AdjointError {
  return new AdjointError('tree-mismatch', {
    fn,
    given: `${name} with ${given} leaves`,
    expected: `a number, or a tree like the start, of ${expected}`,
  })
}

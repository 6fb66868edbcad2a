// Trees of tensors as vectors of one axis, on which the solvers work, and matrices over them.

import { AdjointError, concat, isTensor, reshape, split, type Tensor, type TensorsOf, tree } from '@adjoint/core'
import { asSquareOperator } from '../operators/elementary.js'
import { describeValue } from '../operators/linear-operator.js'
import type { SystemMatrix } from './api.js'

/** Trees like one as vectors `[n]`, and maps between them. */
export function vectorSpace<X>(fn: string, like: X) {
  const { leaves, structure } = tree.flatten(like)
  const tensors = leaves.filter(isTensor)
  const dtype = tensors[0]?.dtype
  if (tensors.length < leaves.length || (dtype !== 'float32' && dtype !== 'float64')) throw notFloats(fn, leaves)
  const sizes = tensors.map((x) => x.size)
  const size = sizes.reduce((a, b) => a + b, 0)
  if (size === 0 || tensors.some((x) => x.dtype !== dtype)) throw notFloats(fn, leaves)
  const ravel = (value: unknown, name = fn): Tensor => {
    const parts = tree.leaves(value)
    const fits = parts.length === tensors.length && parts.every((x, i) => sameType(x, tensors[i]))
    if (!fits) throw notAlike(name, parts, tensors)
    const flat = (parts as Tensor[]).map((x) => (x.ndim === 1 ? x : reshape(x, [x.size])))
    return flat.length === 1 ? flat[0] : concat(flat)
  }
  const unravel = (v: Tensor): TensorsOf<X> => {
    const parts = tensors.length === 1 ? [v] : split(v, sizes)
    const shaped = parts.map((part, i) => (tensors[i].ndim === 1 ? part : reshape(part, tensors[i].shape)))
    return tree.unflatten(structure, shaped) as TensorsOf<X>
  }
  const matrix = (name: string, a: SystemMatrix<X>): ((v: Tensor) => Tensor) => {
    if (typeof a === 'function') return (v) => ravel(a(unravel(v) as X), name)
    const { shape, apply, dtype: own } = asSquareOperator(name, a)
    if (tensors.length === 1 && tensors[0].ndim === 1 && shape[1] === size && own === dtype) return apply
    throw new AdjointError(own === dtype ? 'shape-mismatch' : 'dtype-mismatch', {
      fn: name,
      given: `a matrix ${own}[${shape.join(', ')}] for b ${tensors.map(describeValue).join(', ')}`,
      expected: 'b [n] of the dtype of the matrix [n, n]',
      fix: 'Solve for several right-hand sides with vmap; other shapes and trees need a function instead of a matrix',
    })
  }
  return { size, dtype: dtype as 'float32' | 'float64', ravel, unravel, matrix }
}

function sameType(x: unknown, like: Tensor): boolean {
  return isTensor(x) && x.dtype === like.dtype && String(x.shape) === String(like.shape)
}

function notFloats(fn: string, leaves: readonly unknown[]): AdjointError {
  return new AdjointError('dtype-mismatch', {
    fn,
    given: `a right-hand side of ${leaves.length === 0 ? 'no tensors' : leaves.map(describeValue).join(', ')}`,
    expected: 'float tensors of one dtype, with at least one element',
  })
}

function notAlike(fn: string, parts: readonly unknown[], like: readonly Tensor[]): AdjointError {
  return new AdjointError('shape-mismatch', {
    fn,
    given: `${parts.map(describeValue).join(', ')} for ${like.map(describeValue).join(', ')}`,
    expected: 'leaves like those of the right-hand side',
    fix: 'The start, and the products of matrix and preconditioner, are shaped like b',
  })
}

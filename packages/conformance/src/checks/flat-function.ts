// A function of pytrees seen as a function from its float leaves to its float results: what derivatives are about.

import { type Tensor, tensor, tree } from '@adjoint/core'
import { isFloat } from './close.js'

/** A function of a list of float tensors. */
export type FlatFunction = (xs: readonly Tensor[]) => readonly Tensor[]

/** A function with the point it is checked at. */
export interface FlatProblem {
  readonly fn: FlatFunction
  readonly point: readonly Tensor[]
}

/** Takes a function apart: float leaves of the arguments are variables, all others stay as they are. */
export function flatProblem(fn: (...args: never[]) => unknown, args: readonly unknown[]): FlatProblem {
  const { leaves, structure } = tree.flatten([...args])
  const tensors = leaves.map((leaf) => (typeof leaf === 'number' ? tensor(leaf, { dtype: 'float64' }) : leaf))
  const precise = tensors.map(widened)
  const variable = precise.map((x) => isFloat(x.dtype))
  return {
    point: precise.filter((_, i) => variable[i]),
    fn: (xs) => {
      let next = 0
      const all = precise.map((x, i) => (variable[i] ? xs[next++] : x))
      const result = fn(...(tree.unflatten(structure, all) as never[]))
      return tree.leaves(result).filter((y): y is Tensor => typeof y !== 'number' && isFloat(y.dtype))
    },
  }
}

/** In float64 where the device has it: differences in float32 say little. */
function widened(x: Tensor): Tensor {
  return x.dtype === 'float32' && x.backend.dtypes.includes('float64') ? x.cast('float64') : x
}

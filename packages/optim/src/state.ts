// The tensors that optimizer states are made of: zeros like the parameters, and counters beside them.

import { type Tensor, tree, zeros, zerosLike } from '@adjoint/core'
import { checkParams } from './checks.js'

/** A tree of zeros like the parameters. */
export function zerosTree(fn: string, params: unknown): unknown {
  checkParams(fn, params)
  return tree.map((p: Tensor) => zerosLike(p), params)
}

/** A counter at 0, on the backend of the parameters. */
export function counter(fn: string, params: unknown): Tensor {
  return zeros([], { dtype: 'int32', backend: checkParams(fn, params)[0]?.backend })
}

/** float64 where any leaf is, else float32: what numbers that concern the whole tree are computed in. */
export function widestDType(values: unknown): 'float32' | 'float64' {
  return tree.leaves(values).some((leaf) => (leaf as Tensor).dtype === 'float64') ? 'float64' : 'float32'
}

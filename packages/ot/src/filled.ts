// Constants beside other tensors, traced along where something is being traced.

import { full, type Shape, type Tensor, withBackend } from '@adjoint/core'

/** A tensor of one value, of the dtype and on the backend of another. */
export function filled(like: Tensor, shape: Shape, value: number): Tensor {
  return withBackend(like.backend, () => full(shape, value, { dtype: like.dtype }))
}

// Constants beside other tensors, traced along where something is being traced.

import { type DType, full, type Shape, type Tensor, withBackend } from '@adjoint/core'

/** A tensor of one value on the backend of another, and of its dtype where none is given. */
export function filled(like: Tensor, shape: Shape, value: number, dtype: DType = like.dtype): Tensor {
  return withBackend(like.backend, () => full(shape, value, { dtype }))
}

// The same app as a user's compiler sees it: declarations only, no source condition.
import { blobs } from '@adjoint/datasets'
import { adam } from '@adjoint/optim'
import { grad, jit, type Tensor, tensor } from 'adjoint'

const loss = (v: Tensor): Tensor => v.square().sum()
const slope: Tensor = jit(grad(loss))(tensor([1, 2, 3]))
export const state = adam(0.1).init({ slope })
export const made = blobs

// The same app as a user's compiler sees it: declarations only, no source condition.
import { blobs } from '@adjoint/datasets'
import { npz } from '@adjoint/io'
import { cholesky } from '@adjoint/linalg'
import { adam } from '@adjoint/optim'
import { sobol } from '@adjoint/special/quasirandom'
import { grad, jit, type Tensor, tensor } from 'adjoint'

const loss = (v: Tensor): Tensor => v.square().sum()
const slope: Tensor = jit(grad(loss))(tensor([1, 2, 3]))
export const state = adam(0.1).init({ slope })
export const made = blobs
export const factor: Tensor = cholesky(tensor([[1]])).l
export const points: Tensor = sobol(4, 2)
export const loaded: Promise<Record<string, Tensor>> = npz.write({ slope }).then((file) => npz.read(file))

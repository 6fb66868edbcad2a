// Shared by the tests: the CPU backend, float64 tensors from lists, and lists from tensors.

import { cpu } from '@adjoint/backend-cpu'
import { setBackend, setHostBackend, type Tensor, tensor } from '@adjoint/core'

setBackend(cpu)
setHostBackend(cpu)

export const f64 = (data: Parameters<typeof tensor>[0]): Tensor => tensor(data, { dtype: 'float64' })

export const list = (x: Tensor): number[] => Array.from(x.dataSync())

/** The largest absolute difference of two tensors. */
export const distance = (x: Tensor, y: Tensor): number => x.sub(y).abs().max().item()

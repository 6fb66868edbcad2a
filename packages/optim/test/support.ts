// Shared by the tests: float64 tensors from lists, and lists from trees.

import { cpu } from '@adjoint/backend-cpu'
import { applyUpdates, type Optimizer, setBackend, setHostBackend, type Tensor, tensor, tree } from '@adjoint/core'

setBackend(cpu)
setHostBackend(cpu)

export const f64 = (data: number | readonly number[]): Tensor => tensor(data as number[], { dtype: 'float64' })

export const list = (x: unknown): number[] => tree.leaves(x).flatMap((leaf) => Array.from((leaf as Tensor).dataSync()))

/** The parameters after each of some updates along a gradient. */
export function walk<P, S>(optimizer: Optimizer<S>, start: P, gradient: (params: P) => P, steps: number): number[][] {
  let params = start
  let state = optimizer.init(params)
  return Array.from({ length: steps }, () => {
    const { updates, state: next } = optimizer.update(gradient(params), state, { params })
    params = applyUpdates(params, updates)
    state = next
    return list(params)
  })
}

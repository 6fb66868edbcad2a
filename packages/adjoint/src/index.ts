// The front door: the core with the CPU backend as its default.

import { useCpuByDefault } from './default-backend.js'

export { type CpuOptions, cpu, createCpu, type ThreadsOptions, threads } from '@adjoint/backend-cpu'
export * from '@adjoint/core'
export * from '@adjoint/core/drive'
export type { HostGenerator } from '@adjoint/core/random'
export * as random from '@adjoint/core/random'

// Here and not in a module of its own: bundlers keep the side effects of this file alone.
useCpuByDefault()

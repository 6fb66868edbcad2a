// @adjoint/backend-cpu: the CPU backend of Adjoint.
export type { CpuOptions } from './api.js'
export { cpu, createCpu } from './cpu.js'
export { type ThreadsOptions, threads } from './threads/threads.js'

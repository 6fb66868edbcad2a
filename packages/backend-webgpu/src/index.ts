// @adjoint/backend-webgpu: the WebGPU backend of Adjoint.
export type { AdapterDescription, KernelTime, Precision, Profile, WebgpuBackend, WebgpuOptions } from './api.js'
export { webgpu } from './webgpu.js'

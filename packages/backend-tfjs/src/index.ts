// The public interface of @adjoint/backend-tfjs.

export type { TfjsAttributes, TfjsBackend, TfjsCore, TfjsInfo, TfjsKernel, TfjsOps, TfjsOptions } from './api.js'
export type { TfjsCall } from './call.js'
export { differentiable, type OnTensors, type TfjsModel } from './differentiable.js'
export { fromTfjs, type InteropOptions, toTfjs } from './interop.js'
export type { GraphModelLike, LayersModelLike, LayerWeight } from './models.js'
export { asTfjsOptimizer } from './optimizer.js'
export { createTfjs } from './tfjs.js'

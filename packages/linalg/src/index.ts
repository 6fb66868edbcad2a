// The public interface of @adjoint/linalg.

export * from './factorisations/index.js'
export * from './functions/index.js'
export * from './iterative/index.js'
export * from './operators/index.js'
export * from './solves/index.js'

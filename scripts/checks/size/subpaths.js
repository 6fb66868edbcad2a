export * from '@adjoint/core'
export * as codegen from '@adjoint/core/codegen'
export * from '@adjoint/core/einsum'

export * from '@adjoint/core'
export * from '@adjoint/core/einsum'

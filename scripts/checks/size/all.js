export * from '@adjoint/core'

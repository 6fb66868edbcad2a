// Subpath 'adjoint/einsum': the core's einsum, kept out of bundles that do not use it.
export * from '@adjoint/core/einsum'

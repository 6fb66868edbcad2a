// Factorisations of matrices.

export * from './cholesky.js'
export * from './cholesky-update.js'
export * from './eigh.js'
export * from './lu.js'
export * from './qr.js'
export * from './svd.js'

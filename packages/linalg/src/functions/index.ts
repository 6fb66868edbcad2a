// Functions of matrices and their norms.

export * from './blocks.js'
export * from './det.js'
export * from './expm.js'
export * from './norms.js'
export * from './symmetric.js'

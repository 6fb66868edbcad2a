// All element-wise functions.

export * from './arithmetic.js'
export * from './logic.js'
export * from './transcendental.js'

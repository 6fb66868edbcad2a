// Linear systems.

export * from './inv.js'
export { type LeastSquares, lstsq, matrixRank, pinv, type RankOptions } from './pinv.js'
export { type SolveParams, solve, solvePrimitive } from './solve.js'
export { solveToeplitz, solveToeplitzPrimitive, toeplitz } from './toeplitz.js'
export {
  type TriangularParams,
  type TriangularSolveOptions,
  triangularSolve,
  triangularSolvePrimitive,
} from './triangular-solve.js'
export { tridiagonalSolve, tridiagonalSolvePrimitive } from './tridiagonal-solve.js'

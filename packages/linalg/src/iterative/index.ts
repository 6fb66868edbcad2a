export {
  SOLVE_STATUS,
  type SolveOptions,
  type SolveReport,
  type SolveResult,
  type StopOptions,
  type SystemMatrix,
} from './api.js'
export { bicgstab } from './bicgstab.js'
export { conjugateGradient } from './conjugate-gradient.js'
export { type EigshOptions, type EigshResult, eigsh, type SpectrumEnd } from './eigsh.js'
export { EXPM_STATUS, type ExpmMultiplyOptions, type ExpmMultiplyResult, expmMultiply } from './expm-multiply.js'
export { type GmresOptions, gmres } from './gmres.js'
export { type HutchPlusPlusOptions, hutchPlusPlus } from './hutch-plus-plus.js'
export { type Estimate, hutchinsonDiagonal, hutchinsonTrace, type ProbeOptions } from './hutchinson.js'
export { incompleteCholesky } from './incomplete-cholesky.js'
export { jacobi } from './jacobi.js'
export { type LanczosResult, lanczos } from './lanczos.js'
export { type LanczosQuadratureOptions, lanczosQuadrature, stochasticLogDet } from './lanczos-quadrature.js'
export { type LsqrOptions, type LsqrResult, lsqr } from './lsqr.js'
export { minres } from './minres.js'
export { oneNormEstimate } from './one-norm.js'
export { lowRankPreconditioner, type PivotedCholesky, pivotedCholesky } from './pivoted-cholesky.js'
export {
  type PowerIterationOptions,
  type PowerIterationResult,
  powerIteration,
} from './power-iteration.js'
export { type RandomizedSvd, type RandomizedSvdOptions, randomizedSvd } from './randomized-svd.js'
export type { StartOptions } from './start.js'

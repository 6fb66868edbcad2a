// The public interface of @adjoint/special/quasirandom.

export type { PointOptions } from './checks.js'
export { centredDiscrepancy } from './discrepancy.js'
export { type HaltonOptions, halton } from './halton.js'
export { type LatinHypercubeOptions, latinHypercube } from './latin-hypercube.js'
export { type PointSequence, type SobolOptions, sobol, sobolSequence } from './sobol.js'

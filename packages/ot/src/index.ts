// The public interface of @adjoint/ot.

export { DensePlan, type Plan, SparsePlan } from './plan.js'
export type { Marginals } from './problem.js'
export type { Potentials, TransportResult } from './result.js'
export { OT_STATUS } from './status.js'

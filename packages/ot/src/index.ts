// The public interface of @adjoint/ot.

export { EntropicPlan } from './entropic/plan.js'
export type { EntropicProblem } from './entropic/problem.js'
export {
  type EpsilonSchedule,
  SINKHORN_DOMAINS,
  type SinkhornGradient,
  type SinkhornMethod,
  type SinkhornOptions,
  type SinkhornResult,
  sinkhorn,
} from './entropic/sinkhorn.js'
export { Cost, type CostFunction, cost } from './geometry/cost.js'
export { CostMatrix, costMatrix } from './geometry/cost-matrix.js'
export { arccos, cosine, elastic, euclidean, mahalanobis, pNorm, squaredEuclidean } from './geometry/costs.js'
export type { EpsilonScale } from './geometry/epsilon.js'
export type { CostFormula, Geometry, ReducedAxis, ReduceInputs } from './geometry/geometry.js'
export { PointCloud, pointCloud } from './geometry/point-cloud.js'
export { DensePlan, type Plan, SparsePlan } from './plan.js'
export type { Marginals } from './problem.js'
export type { Potentials, TransportResult } from './result.js'
export { OT_STATUS } from './status.js'

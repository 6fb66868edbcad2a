// The public interface of @adjoint/ot.

export { barycentricMap } from './adaptation/barycentric-map.js'
export { type ClassTransportOptions, classTransport } from './adaptation/class-transport.js'
export { type ColorMap, type ColorTransferOptions, colorMap, colorTransfer } from './adaptation/color-transfer.js'
export { EntropicMap, entropicMap } from './adaptation/entropic-map.js'
export { type GaussianMapOptions, gaussianMap } from './adaptation/gaussian-map.js'
export { type BarycenterOptions, type BarycenterResult, barycenter } from './barycenters/barycenter.js'
export {
  type BalancedKMeansOptions,
  type BalancedKMeansResult,
  balancedKMeans,
} from './clustering/balanced-k-means.js'
export { type DivergenceOptions, type DivergenceResult, sinkhornDivergence } from './entropic/divergence.js'
export { EntropicPlan } from './entropic/plan.js'
export type { EntropicProblem } from './entropic/problem.js'
export {
  type EpsilonSchedule,
  type Price,
  SINKHORN_DOMAINS,
  type SinkhornGradient,
  type SinkhornMethod,
  type SinkhornOptions,
  type SinkhornResult,
  sinkhorn,
} from './entropic/sinkhorn.js'
export { type AssignmentResult, assignment } from './exact/assignment.js'
export { type AuctionOptions, type AuctionResult, auction } from './exact/auction.js'
export { type BalancedAssignmentResult, balancedAssignment } from './exact/balanced-assignment.js'
export { type EmdOptions, emd } from './exact/emd.js'
export {
  type GaussianBarycenterOptions,
  type GaussianBarycenterResult,
  gaussianBarycenter,
} from './gaussian/barycenter.js'
export { type AffineMap, buresMap, buresWasserstein } from './gaussian/bures.js'
export type { Gaussian } from './gaussian/gaussian.js'
export { type GaussianMixture, gmmTransport } from './gaussian/gmm.js'
export { Cost, type CostFunction, cost } from './geometry/cost.js'
export { CostMatrix, costMatrix } from './geometry/cost-matrix.js'
export { arccos, cosine, elastic, euclidean, mahalanobis, pNorm, squaredEuclidean } from './geometry/costs.js'
export type { EpsilonScale } from './geometry/epsilon.js'
export type { CostFormula, Geometry, ReducedAxis, ReduceInputs } from './geometry/geometry.js'
export { Grid, grid } from './geometry/grid.js'
export { PointCloud, pointCloud } from './geometry/point-cloud.js'
export type { GromovLoss } from './gromov/objective.js'
export { type GromovOptions, type GromovResult, solveGromov } from './gromov/solve-gromov.js'
export { emd1d, type LineOptions } from './one-dimensional/emd-1d.js'
export { type CircleOptions, type CircleResult, emdCircle } from './one-dimensional/emd-circle.js'
export { type GumbelSinkhornOptions, gumbelSinkhorn } from './operators/gumbel-sinkhorn.js'
export {
  type SoftOptions,
  type SoftQuantileOptions,
  type SoftSortOptions,
  softQuantile,
  softRank,
  softSort,
  softTopK,
} from './operators/soft-sort.js'
export { DensePlan, type Plan, SparsePlan } from './plan.js'
export type { Marginals } from './problem.js'
export { type MirrorSinkhornOptions, type MirrorSinkhornResult, mirrorSinkhorn } from './regularized/mirror-sinkhorn.js'
export { type SmoothTransportOptions, smoothTransport } from './regularized/smooth-transport.js'
export type { Potentials, TransportResult } from './result.js'
export type { SlicedOptions } from './sliced/directions.js'
export {
  type MaxSlicedOptions,
  type MaxSlicedResult,
  maxSlicedWasserstein,
  slicedWasserstein,
} from './sliced/sliced.js'
export { type SlicedPlanResult, slicedPlan } from './sliced/sliced-plan.js'
export { type SphericalOptions, sphericalSlicedWasserstein } from './sliced/spherical.js'
export { type SolveMethod, type SolveOptions, type SolveSampleOptions, solve, solveSample } from './solve.js'
export { OT_STATUS } from './status.js'

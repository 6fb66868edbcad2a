export {
  addOperators,
  blockDiagonalOperator,
  kroneckerOperator,
  multiplyOperators,
  scaleOperator,
  transposeOperator,
} from './combinations.js'
export { denseMatrix } from './dense-matrix.js'
export { gaussNewtonOperator, hessianOperator, jacobianOperator } from './derivative-operators.js'
export { diagonalOperator, identityOperator, matrixOperator } from './elementary.js'
export { inverseOperator } from './inverse.js'
export { type LinearOperator, type LinearOperatorSpec, linearOperator, type MatrixLike } from './linear-operator.js'
export { lowRankOperator, lowRankUpdateOperator } from './low-rank.js'
export {
  type TriangularOperatorOptions,
  toeplitzOperator,
  triangularOperator,
  tridiagonalOperator,
} from './structured.js'

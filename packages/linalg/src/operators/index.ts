export {
  addOperators,
  kroneckerOperator,
  lowRankOperator,
  multiplyOperators,
  scaleOperator,
  transposeOperator,
} from './combinations.js'
export { denseMatrix } from './dense-matrix.js'
export { gaussNewtonOperator, hessianOperator, jacobianOperator } from './derivative-operators.js'
export { diagonalOperator, identityOperator, matrixOperator } from './elementary.js'
export { type LinearOperator, type LinearOperatorSpec, linearOperator, type MatrixLike } from './linear-operator.js'

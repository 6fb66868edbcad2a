// The core's own primitives as values: for backends that implement them, and for rules written with `bind`.

export {
  addPrimitive,
  andPrimitive,
  atan2Primitive,
  divPrimitive,
  maxPrimitive,
  minPrimitive,
  mulPrimitive,
  orPrimitive,
  powPrimitive,
  remPrimitive,
  shiftLeftPrimitive,
  shiftRightPrimitive,
  subPrimitive,
  xorPrimitive,
} from './binary.js'
export { eqPrimitive, lePrimitive, ltPrimitive } from './compare.js'
export { bitcastPrimitive, castPrimitive, type DTypeParams, selectPrimitive, stopGradientPrimitive } from './convert.js'
export { type CumulativeParams, cumulativePrimitive } from './cumulative.js'
export { type DotParams, dotPrimitive } from './dot.js'
export { dynamicSlicePrimitive, dynamicUpdatePrimitive, type WindowParams } from './dynamic.js'
export { type Bounds, type GatherParams, gatherPrimitive, type ScatterParams, scatterPrimitive } from './gather.js'
export {
  broadcastPrimitive,
  type ConcatParams,
  concatPrimitive,
  type FlipParams,
  flipPrimitive,
  type IotaParams,
  iotaPrimitive,
  type PadParams,
  padPrimitive,
  reshapePrimitive,
  type ShapeParams,
  type SliceParams,
  slicePrimitive,
  type TransposeParams,
  transposePrimitive,
} from './movement.js'
export { randomBitsPrimitive } from './random-bits.js'
export {
  type ArgParams,
  argMaxPrimitive,
  argMinPrimitive,
  prodPrimitive,
  type ReduceParams,
  reduceMaxPrimitive,
  reduceMinPrimitive,
  sumPrimitive,
} from './reduce.js'
export { type SortParams, sortPrimitive } from './sort.js'
export { toPrimitive, type ToParams } from './to.js'
export {
  absPrimitive,
  ceilPrimitive,
  cosPrimitive,
  expm1Primitive,
  expPrimitive,
  floorPrimitive,
  log1pPrimitive,
  logisticPrimitive,
  logPrimitive,
  negPrimitive,
  notPrimitive,
  roundPrimitive,
  signPrimitive,
  sinPrimitive,
  sqrtPrimitive,
  tanhPrimitive,
} from './unary.js'

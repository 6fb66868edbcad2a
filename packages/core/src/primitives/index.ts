// Every primitive of the core, for backends that implement them and for the conformance kit.

export * from './binary.js'
export * from './compare.js'
export * from './convert.js'
export * from './cumulative.js'
export * from './dot.js'
export * from './dynamic.js'
export * from './gather.js'
export type {
  ConcatParams,
  FlipParams,
  IotaParams,
  PadParams,
  ShapeParams,
  SliceParams,
  TransposeParams,
} from './movement.js'
export {
  broadcastPrimitive,
  concatPrimitive,
  flipPrimitive,
  iotaPrimitive,
  padPrimitive,
  reshapePrimitive,
  slicePrimitive,
  transposePrimitive,
} from './movement.js'
export * from './random-bits.js'
export type { ArgParams, ReduceParams } from './reduce.js'
export {
  argMaxPrimitive,
  argMinPrimitive,
  prodPrimitive,
  reduceMaxPrimitive,
  reduceMinPrimitive,
  sumPrimitive,
} from './reduce.js'
export * from './sort.js'
export * from './unary.js'

// The public names of @adjoint/datasets.

export type {
  ClassifiedTable,
  DatasetInfo,
  Digits,
  FloatDType,
  GeneratorOptions,
  LabelledFeatures,
  LabelledImages,
  LabelledPoints,
  LoadOptions,
  ManifoldPoints,
  NatsBench,
  OnDemandOptions,
  Photograph,
  Photographs,
  Sachs,
  Split,
  SplitOptions,
} from './api.js'
export { digits } from './bundled/digits.js'
export { iris } from './bundled/iris.js'
export { photographs } from './bundled/photographs.js'
export { wine } from './bundled/wine.js'
export { type BlobsOptions, blobs } from './generators/blobs.js'
export { type CirclesOptions, circles } from './generators/circles.js'
export { moons } from './generators/moons.js'
export { type SpiralOptions, spiral } from './generators/spiral.js'
export { type SwissRollOptions, swissRoll } from './generators/swiss-roll.js'
export { natsBench } from './ondemand/nats-bench.js'
export { sachs } from './ondemand/sachs.js'

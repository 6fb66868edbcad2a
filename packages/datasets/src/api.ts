// The public types of the package: what a data set carries beside its numbers, and the options of the loaders.
// A data set without its source and terms is not usable in print, so `info` travels with every one of them.

import type { Key, Tensor } from '@adjoint/core'

/** Where a data set comes from and what one may do with it. */
export interface DatasetInfo {
  readonly title: string
  /** Authors and publication, as one would cite them. */
  readonly source: string
  /** Terms of use: an SPDX identifier where there is one. */
  readonly licence: string
  /** Shape of the main tensor: samples first. */
  readonly shape: readonly number[]
}

/** Floating dtypes that a data set can be read in. */
export type FloatDType = 'float32' | 'float64'

/** Options of every loader. */
export interface LoadOptions {
  /** Dtype of the measurements; labels are always `int32`. @defaultValue 'float32' */
  readonly dtype?: FloatDType
}

/** Options of a split into a training and a test part. */
export interface SplitOptions {
  /** Seed of the permutation; the same seed gives the same split on every backend. @defaultValue 0 */
  readonly seed?: number
  /** Share of the samples that goes to the test part, in (0, 1). @defaultValue 0.25 */
  readonly testFraction?: number
}

/** The two parts of a split data set. */
export interface Split<T> {
  readonly train: T
  readonly test: T
}

/** Images `[n, h, w]` in 0..1 with labels `[n]` int32. */
export interface LabelledImages {
  readonly images: Tensor
  readonly labels: Tensor
}

/** Measurements `[n, d]` with labels `[n]` int32. */
export interface LabelledFeatures {
  readonly features: Tensor
  readonly labels: Tensor
}

/** The handwritten digits: images `[1797, 8, 8]`, labels `[1797]`. */
export interface Digits extends LabelledImages {
  /** Shuffles the samples and cuts them in two. */
  readonly split: (options?: SplitOptions) => Split<LabelledImages>
  readonly info: DatasetInfo
}

/** A table of measurements with a class for each row. */
export interface ClassifiedTable extends LabelledFeatures {
  readonly classNames: readonly string[]
  readonly featureNames: readonly string[]
  /** Shuffles the samples and cuts them in two. */
  readonly split: (options?: SplitOptions) => Split<LabelledFeatures>
  readonly info: DatasetInfo
}

/** One photograph: pixels `[h, w, 3]`, red, green and blue in 0..1. */
export interface Photograph {
  readonly pixels: Tensor
  readonly info: DatasetInfo
}

/** The two photographs, of one size. */
export interface Photographs {
  readonly china: Photograph
  readonly flower: Photograph
}

/** Options of the data sets that are not bundled. */
export interface OnDemandOptions extends LoadOptions {
  /** Folder that holds the files; in Node it defaults to the environment variable `ADJOINT_DATA`. */
  readonly folder?: string
  /** Address of a folder to download the files from, checked by sha256 and then cached. */
  readonly url?: string
  /** Stops a download. */
  readonly signal?: AbortSignal
}

/** Protein signalling in single cells, with the graph that biologists agree on. */
export interface Sachs {
  /** Expression levels, `[853, 11]`: one row per cell. */
  readonly samples: Tensor
  /** Consensus graph, `[11, 11]` int32: `adjacency[i, j] = 1` where protein i acts on protein j. */
  readonly adjacency: Tensor
  /** The proteins, in the order of the columns. */
  readonly names: readonly string[]
  readonly info: DatasetInfo
}

/** Test accuracy of every cell of the NATS-Bench topology space after 200 epochs. */
export interface NatsBench {
  /** Accuracy in per cent, `[15625]` each. */
  readonly accuracy: { readonly cifar10: Tensor; readonly cifar100: Tensor; readonly imagenet16: Tensor }
  /** Operation on each of the six edges, `[15625, 6]` int32: an index into `operationNames`. */
  readonly operations: Tensor
  readonly operationNames: readonly string[]
  /** Edges of a cell as `[from, to]`, in the order of the columns of `operations`. */
  readonly edges: readonly (readonly [number, number])[]
  /** Cells with the same string compute the same function. */
  readonly uniqueStrings: readonly string[]
  readonly info: DatasetInfo
}

/** Options of every generator. */
export interface GeneratorOptions {
  /** How many points. @defaultValue 200 */
  readonly n?: number
  /** Standard deviation of the Gaussian noise added to each coordinate. @defaultValue 0 */
  readonly noise?: number
  /** Seed of the random numbers; ignored where `key` is given. @defaultValue 0 */
  readonly seed?: number
  /** Key of the random numbers, for callers that manage their own. */
  readonly key?: Key
  /** @defaultValue 'float32' */
  readonly dtype?: FloatDType
}

/** Points `[n, d]` with the class of each, `[n]` int32. */
export interface LabelledPoints {
  readonly points: Tensor
  readonly labels: Tensor
}

/** Points `[n, d]` of a curved sheet with the position `t` of each along it, `[n]`. */
export interface ManifoldPoints {
  readonly points: Tensor
  readonly t: Tensor
}

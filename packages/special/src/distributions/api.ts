// The public types of @adjoint/special/distributions.

import type { Key, Shape, Tensor, TensorLike } from '@adjoint/core'

/** A probability distribution, or a batch of them: parameters broadcast to `batchShape`. */
export interface Distribution<Self = unknown> {
  /** The family's name, as the function that makes it. */
  readonly family: string
  /** Shape of the parameters, which each draw has once per parameter. */
  readonly batchShape: Shape
  /** Shape of one draw: `[]`, or `[n]` for vectors. */
  readonly eventShape: Shape
  readonly dtype: 'float32' | 'float64'
  /** Expectation, `[...batch, ...event]`. */
  readonly mean: Tensor
  /** Variance of each component, `[...batch, ...event]`. */
  readonly variance: Tensor
  /** Independent draws, `[...shape, ...batch, ...event]`. */
  sample(key: Key, shape?: Shape): Tensor
  /** Logarithm of the density, or of the probability: -Infinity outside the support. `[..., ...event]` -> `[...]` */
  logProb(x: TensorLike): Tensor
  /** Entropy in nats, `[...batch]`. */
  entropy(): Tensor
  /** @internal The divergence to another of the same family; see `kl`. */
  divergence(other: Self): Tensor
}

/** A distribution of real numbers with a distribution function and its inverse. */
export interface Univariate<Self = unknown> extends Distribution<Self> {
  /** Probability of a draw that is at most x. */
  cdf(x: TensorLike): Tensor
  /** The x below which draws fall with probability p. */
  quantile(p: TensorLike): Tensor
}

/** A distribution of counts with a distribution function. */
export interface Counting<Self = unknown> extends Distribution<Self> {
  /** Probability of a count that is at most x. */
  cdf(x: TensorLike): Tensor
}

/** Probabilities, given as such or as log odds. */
export type Odds =
  | { readonly probs: TensorLike; readonly logits?: never }
  | { readonly logits: TensorLike; readonly probs?: never }

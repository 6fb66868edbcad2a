// The categorical distribution.

import {
  AdjointError,
  and,
  arange,
  cast,
  exp,
  expandDims,
  ge,
  isTensor,
  log,
  logSoftmax,
  lt,
  mul,
  neg,
  oneHot,
  square,
  sub,
  sum,
  type Tensor,
  type TensorLike,
  tensor,
  where,
} from '@adjoint/core'
import * as random from '@adjoint/core/random'
import type { Distribution } from './api.js'
import { weigh } from './odds.js'
import { drawShape, parameters, requireOdds } from './support.js'

/** A categorical distribution. */
export interface Categorical extends Distribution<Categorical> {
  /** Normalised logarithms of the probabilities, `[...batch, n]`. */
  readonly logProbs: Tensor
}

/**
 * The distribution of one of the classes 0 to n - 1. Draws are int32 and have no derivative; mean and variance are those of
 * the class's number.
 *
 * @param odds - `{ logits }`, or `{ probs }` that are normalised; `[...batch, n]`
 * @throws AdjointError `invalid-argument` without either, `shape-mismatch` for a scalar, `dtype-mismatch` for integers
 * @example
 * categorical({ probs: tensor([0.2, 0.8]) }).logProb(1).item()   // log(0.8)
 */
export function categorical(odds: { readonly probs: Tensor } | { readonly logits: Tensor }): Categorical {
  requireOdds('categorical', odds)
  const isLogit = 'logits' in odds
  const { tensors, dtype } = parameters('categorical', [isLogit ? odds.logits : odds.probs])
  const [given] = tensors
  if (given.ndim === 0) {
    throw new AdjointError('shape-mismatch', { fn: 'categorical', given: 'a scalar', expected: '[..., n]' })
  }
  const logProbs = isLogit ? logSoftmax(given) : sub(log(given), log(sum(given, -1, { keepDims: true })))
  const batchShape = given.shape.slice(0, -1)
  const n = given.shape[given.ndim - 1]
  const classes = () => arange(0, n, 1, { dtype, backend: given.backend })
  const expectation = (f: Tensor) => sum(mul(exp(logProbs), f), -1)
  return {
    family: 'categorical',
    batchShape,
    eventShape: [],
    dtype,
    logProbs,
    get mean() {
      return expectation(classes())
    },
    get variance() {
      return expectation(square(sub(classes(), expandDims(expectation(classes()), -1))))
    },
    sample: (key, shape = []) => random.categorical(key, logProbs, drawShape('categorical.sample', shape, batchShape)),
    logProb: (x) => {
      const labels = classLabels(x)
      const chosen = sum(where(oneHot(labels, n, dtype).gt(0.5), logProbs, 0), -1)
      return where(and(ge(labels, 0), lt(labels, n)), chosen, -Infinity)
    },
    entropy: () => neg(sum(weigh(exp(logProbs), logProbs), -1)),
    divergence: (q) => sum(weigh(exp(logProbs), sub(logProbs, q.logProbs)), -1),
  }
}

function classLabels(x: TensorLike): Tensor {
  const labels = typeof x === 'number' ? tensor(x, { dtype: 'int32' }) : x
  if (isTensor(labels) && labels.dtype === 'int32') return labels
  if (isTensor(labels) && labels.weak) return cast(labels, 'int32')
  throw new AdjointError('dtype-mismatch', {
    fn: 'categorical.logProb',
    given: isTensor(labels) ? `${labels.dtype}[${labels.shape.join(', ')}]` : `a ${typeof labels}`,
    expected: 'int32 classes',
    fix: "Cast them first: x.cast('int32')",
  })
}

// A soft permutation of scores, and a random one.
// G. Mena, D. Belanger, S. Linderman, J. Snoek, Learning Latent Permutations with Gumbel-Sinkhorn Networks, 2018.

import { AdjointError, add, type Key, mul, neg, type Tensor, withBackend } from '@adjoint/core'
import { gumbel } from '@adjoint/core/random'
import { requireFloats, requirePositive, typeOf } from '../checks.js'
import { type SinkhornOptions, sinkhorn } from '../entropic/sinkhorn.js'

/** Options of `gumbelSinkhorn`. */
export interface GumbelSinkhornOptions extends Pick<SinkhornOptions, 'tolerance' | 'maxIterations' | 'gradient'> {
  /** As it falls to 0, the matrix becomes the permutation of the largest total score. @defaultValue 1 */
  readonly temperature?: number
  /** Key of Gumbel noise on the scores; without it the result is not random. */
  readonly key?: Key
}

/**
 * The doubly stochastic matrix nearest to scores in entropy, `Sinkhorn(scores / temperature)`: a differentiable permutation. With a key
 * the scores get Gumbel noise, and the matrix is a sample.
 *
 * G. Mena, D. Belanger, S. Linderman, J. Snoek, Learning Latent Permutations with Gumbel-Sinkhorn Networks, 2018.
 *
 * @param scores - `[n, n]`: of item i at place j
 * @returns `[n, n]`, rows and columns of sum 1
 * @throws AdjointError `shape-mismatch`, `dtype-mismatch`, `invalid-argument`
 * @example
 * gumbelSinkhorn(tensor([[0, 9], [5, 1]]), { temperature: 0.5 })   // [[0.0000..., 0.9999...], [0.9999..., 0.0000...]]
 */
export function gumbelSinkhorn(
  scores: Tensor,
  { temperature = 1, key, ...options }: GumbelSinkhornOptions = {},
): Tensor {
  const fn = 'gumbelSinkhorn'
  requireFloats(fn, 'scores', scores, 2)
  requirePositive(fn, 'temperature', temperature)
  const [n, m] = scores.shape
  if (n !== m) throw new AdjointError('shape-mismatch', { fn, given: typeOf(scores), expected: 'a square matrix' })
  const draw = (from: Key) =>
    withBackend(scores.backend, () => gumbel(from, [n, n], { dtype: scores.dtype as 'float64' }))
  const noisy = key ? add(scores, draw(key)) : scores
  const { plan } = sinkhorn(neg(noisy), { epsilon: temperature, epsilonScale: 'absolute', ...options })
  return mul(plan.toDense(), n)
}

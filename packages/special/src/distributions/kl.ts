// The divergence of Kullback and Leibler between two distributions of one family.

import { AdjointError, type Tensor } from '@adjoint/core'
import type { Distribution } from './api.js'

/**
 * KL(p || q) in nats, by its closed form; that of Student's t by quadrature. Batches broadcast.
 *
 * S. Kullback, R. A. Leibler, On Information and Sufficiency, 1951.
 *
 * @throws AdjointError `invalid-argument` for distributions of two families
 * @example
 * kl(normal(0, 1), normal(1, 1)).item()   // 0.5
 */
export function kl<D extends Distribution<D>>(p: D, q: D): Tensor {
  if (p.family === q.family) return p.divergence(q)
  throw new AdjointError('invalid-argument', {
    fn: 'kl',
    given: `${p.family} and ${q.family}`,
    expected: 'two distributions of one family',
    fix: 'Estimate it: the mean of p.logProb(x) - q.logProb(x) over draws x of p',
  })
}

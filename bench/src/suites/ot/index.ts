// The ot suite: exact, entropic and sliced transport between normal points in the plane, float64 unless a name says so.
import type { Suite } from '../../harness/api.js'
import { limits } from '../../harness/limits.js'
import { earthMover, pairs } from './exact.js'
import { onlineFigures } from './online.js'
import { entropic, entropicSingle } from './sinkhorn.js'
import { sliced } from './sliced.js'

/** What is asked of POT's peers, by case; the others should not be slower than NumPy's. */
function expected(item: string, peer: string): number {
  if (peer === 'pot-sinkhorn-log') return item.startsWith('sinkhorn-stabilized') ? 0.1 : 1
  if (peer === 'pot-emd' || peer === 'pot-sinkhorn') return 1.2
  return peer.startsWith('tfjs') || peer.startsWith('jax') ? 0.8 : 1
}

export const transport: Suite = {
  name: 'ot',
  cases: [
    ...[100, 500, 1000, 2000].map(earthMover),
    pairs(1000),
    ...[1000, 2000].map((n) => entropic(n, 'scaling')),
    ...[100, 1000, 2000].map((n) => entropic(n, 'stabilized')),
    ...[100, 1000].map((n) => entropic(n, 'log')),
    entropicSingle(1000),
    ...[1000, 2000, 5000].map((n) => sliced(n, 50)),
  ],
  figures: [...onlineFigures, ...limits],
  expected,
}

// The sliced Wasserstein distance of two clouds of points in the plane.
import { slicedWasserstein } from '@adjoint/ot'
import { jit, type Tensor, wrap } from 'adjoint'
import type { Case } from '../../harness/api.js'
import { making } from '../../peers/ours.js'
import { python } from '../../peers/python.js'
import { clouds } from './inputs.js'

/** n points and n points on a number of lines, at equal angles. */
export function sliced(n: number, projections: number): Case {
  const { x, y } = clouds(n)
  const lines = Float64Array.from({ length: 2 * projections }, (_, k) => {
    const angle = (Math.PI * Math.floor(k / 2)) / projections
    return k % 2 === 0 ? Math.cos(angle) : Math.sin(angle)
  })
  const inputs = {
    x: { data: x, shape: [n, 2] },
    y: { data: y, shape: [n, 2] },
    directions: { data: lines, shape: [projections, 2] },
  }
  return {
    name: `sliced-${n}`,
    tolerance: 1e-9,
    ours: () => {
      const [u, v, directions] = [wrap(x, [n, 2]), wrap(y, [n, 2]), wrap(lines, [projections, 2])]
      const value = jit((from: Tensor, to: Tensor) => slicedWasserstein(from, to, { directions }))
      return making(() => value(u, v))
    },
    peers: {
      ...python('numpy-sliced', { file: 'suites/ot/sliced.py', setup: 'sliced', inputs }),
      ...python('pot-sliced', { file: 'suites/ot/pot.py', setup: 'sliced', inputs }),
    },
  }
}

// Exact plans: the network simplex and assignments, from a table of costs.
import { assignment, emd } from '@adjoint/ot'
import { wrap } from 'adjoint'
import type { Case } from '../../harness/api.js'
import { making } from '../../peers/ours.js'
import { python } from '../../peers/python.js'
import { squaredDistances } from './inputs.js'

/** Values of linear programs of equal minimum agree to rounding. */
const tolerance = 1e-9

/** Beyond, the linear program takes minutes. */
const largestProgram = 100

/** The earth mover's distance between n points and n points. */
export function earthMover(n: number): Case {
  const data = squaredDistances(n)
  const inputs = { cost: { data, shape: [n, n] } }
  const costs = wrap(data, [n, n])
  return {
    name: `emd-${n}`,
    tolerance,
    ours: () => making(() => emd(costs).linearCost),
    peers: {
      ...(n <= largestProgram &&
        python('scipy-linprog', { file: 'suites/ot/exact.py', setup: 'linear_program', inputs })),
      ...python('scipy-assignment', { file: 'suites/ot/exact.py', setup: 'mean_assignment', inputs }),
      ...python('pot-emd', { file: 'suites/ot/pot.py', setup: 'emd', inputs }),
    },
  }
}

/** Pairs of n rows and n columns. */
export function pairs(n: number): Case {
  const data = squaredDistances(n)
  const costs = wrap(data, [n, n])
  return {
    name: `assignment-${n}`,
    tolerance,
    ours: () => making(() => assignment(costs).linearCost),
    peers: python('scipy-assignment', {
      file: 'suites/ot/exact.py',
      setup: 'assignment',
      inputs: { cost: { data, shape: [n, n] } },
    }),
  }
}

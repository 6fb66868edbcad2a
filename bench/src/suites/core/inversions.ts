// A hundred thousand inversions of a 10 by 10 matrix, one after the other: for us in one compiled loop, for others in theirs.
import { inv } from '@adjoint/linalg'
import { fori, jit, type Tensor, wrap } from 'adjoint'
import type { Case } from '../../harness/api.js'
import { flat, mlMatrix, making as onMlMatrix, square } from '../../peers/ml-matrix.js'
import { making } from '../../peers/ours.js'
import { numpyScript } from '../../peers/python.js'
import { definite } from '../linalg/inputs.js'

const n = 10
/** An odd number: an even one gives the matrix back. */
const count = 100_001
const data = definite(n)

export const inversions: Case = {
  name: 'inv-10-100k',
  work: { flop: count * 2 * n ** 3, dtype: 'float64' },
  ours: () => {
    const repeated = jit((start: Tensor) => fori(0, count, (_, a: Tensor) => inv(a), start))
    const a = wrap(data, [n, n])
    return making(() => repeated(a))
  },
  peers: {
    ...mlMatrix(({ inverse }) =>
      onMlMatrix(() => {
        let a = square(n, data)
        for (let i = 0; i < count; i++) a = inverse(a)
        return a
      }, flat),
    ),
    ...numpyScript({ file: 'suites/core/inversions.py', inputs: { a: { data, shape: [n, n] }, count } }),
  },
}

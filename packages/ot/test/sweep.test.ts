import { createCodegenTier, createOpTier } from '@adjoint/conformance'
import { div, matmul, mul, type Tensor, transpose, vmap, withBackend } from '@adjoint/core'
import * as random from '@adjoint/core/random'
import { expect, test } from 'vitest'
import { scalingSweep } from '../src/entropic/sweep.js'
import { distance } from './support.js'

const uniform = (seed: number, shape: number[], dtype: 'float32' | 'float64' = 'float64'): Tensor =>
  random.uniform(random.key(seed), shape, { dtype }).add(0.1)

const sizes: [number, number][] = [
  [1, 1],
  [1, 40],
  [3, 2],
  [17, 5],
  [40, 33],
  [64, 128],
]

test.each(sizes)('one reading of the matrix does what two do: %i x %i', (n, m) => {
  for (const dtype of ['float32', 'float64'] as const) {
    const [k, w, a] = [uniform(0, [n, m], dtype), uniform(1, [m], dtype), uniform(2, [n], dtype)]
    const { left, sums } = scalingSweep(k, w, a)
    const rows = div(1, matmul(k, w))
    const near = dtype === 'float64' ? 1e-13 : 1e-5
    expect(distance(left, rows)).toBeLessThan(near)
    expect(distance(sums.div(n), matmul(transpose(k), mul(a, rows)).div(n))).toBeLessThan(near)
  }
})

test('lanes', () => {
  const [ks, w, a] = [uniform(3, [3, 5, 4]), uniform(4, [4]), uniform(5, [5])]
  const lanes = vmap((k: Tensor) => scalingSweep(k, w, a))(ks)
  for (let i = 0; i < 3; i++) {
    const one = scalingSweep(ks.slice(i), w, a)
    expect(distance(lanes.left.slice(i), one.left)).toBeLessThan(1e-14)
    expect(distance(lanes.sums.slice(i), one.sums)).toBeLessThan(1e-14)
  }
})

test('on teaching backends', async () => {
  const run = () =>
    scalingSweep(uniform(6, [9, 7], 'float32'), uniform(7, [7], 'float32'), uniform(8, [9], 'float32')).sums
  const here = await run().data()
  for (const backend of [createOpTier(), createCodegenTier()]) {
    const there = await withBackend(backend, run).data()
    for (const [i, v] of here.entries()) expect(there[i]).toBeCloseTo(v, 4)
  }
})

import { expect, test } from 'vitest'
import * as domainAdaptation from '../src/domain-adaptation.js'
import * as pointMorph from '../src/point-morph.js'
import * as shapeAlignment from '../src/shape-alignment.js'
import * as softRankRegression from '../src/soft-rank-regression.js'

test('point morph: each cloud has the mean between those of the ends, and the GIF has all frames', async () => {
  const { clouds, cost, gif } = await pointMorph.run({ points: 60, frames: 5 })
  expect(new TextDecoder().decode(gif.subarray(0, 6))).toBe('GIF89a')
  // A graphic control extension stands before each of the 5 frames and the 3 on the way back.
  const controls = gif.reduce((n, byte, i) => n + Number(byte === 0x21 && gif[i + 1] === 0xf9 && gif[i + 2] === 4), 0)
  expect(controls).toBe(8)
  const [first, last] = [clouds[0], clouds[4]]
  expect(last.sub(first).square().sum(1).mean().item()).toBeCloseTo(cost, 5)
  expect(clouds[2].sub(first.add(last).div(2)).abs().max().item()).toBeLessThan(1e-6)
})

test('domain adaptation: transport carries the labels to the turned moons', async () => {
  const { before, sinkhorn, classes } = await domainAdaptation.run({ points: 80 })
  expect(sinkhorn).toBeGreaterThan(before)
  expect(classes).toBeGreaterThanOrEqual(sinkhorn)
  expect(classes).toBeGreaterThan(0.85)
})

test('soft-rank regression: the order of the answers tells the slopes where their size does not', async () => {
  const { leastSquares, softRank } = await softRankRegression.run({ steps: 100 })
  expect(softRank).toBeGreaterThan(0.97)
  expect(softRank).toBeGreaterThan(leastSquares)
})

test('shape alignment: every point of a turned, mirrored and shuffled shape is found again', async () => {
  const { right, cost } = await shapeAlignment.run()
  expect(right).toBe(1)
  expect(cost).toBeLessThan(1e-4)
})

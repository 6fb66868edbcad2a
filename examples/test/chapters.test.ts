import { describe, expect, test } from 'vitest'
import type { Metrics } from '../src/chapter.js'
import * as colourTransfer from '../src/colour-transfer.js'
import * as digits from '../src/digits.js'
import * as plugin from '../src/plugin.js'
import * as rosenbrock from '../src/rosenbrock.js'
import { chaptersOf } from '../src/tour/chapters.js'
import { perform } from '../src/tour/perform.js'
import { quickContext } from './context.js'

test('digits: six epochs read nine of ten unseen digits, and loss and accuracy are shown on the way', async () => {
  const shown: Metrics[] = []
  const { ok, metrics, figures } = await digits.run(quickContext(shown))
  expect(ok).toBe(true)
  expect(metrics.accuracy).toBeGreaterThan(0.93)
  expect(shown.length).toBe(6)
  expect(shown[5].loss).toBeLessThan(shown[0].loss)
  expect(shown[5].accuracy).toBe(metrics.accuracy)
  expect(figures.map(({ kind }) => kind)).toEqual(['curves', 'curves', 'confusion', 'tiles'])
})

test('digits: the confusion matrix counts every test digit', async () => {
  const { figures, metrics } = await digits.run(quickContext())
  const matrix = figures.flatMap((figure) => (figure.kind === 'confusion' ? figure.counts : []))
  const right = matrix.reduce((sum, row, i) => sum + row[i], 0)
  expect(matrix.flat().reduce((a, b) => a + b, 0)).toBe(359)
  expect(right / 359).toBeCloseTo(metrics.accuracy, 12)
})

test('colour transfer: the mean colours change places and the plan is balanced', async () => {
  const { ok, metrics, figures } = await colourTransfer.run(quickContext())
  expect(ok).toBe(true)
  expect(metrics.colourGapAfter).toBeLessThan(0.3 * metrics.colourGapBefore)
  expect(metrics.marginalError).toBeLessThan(0.05)
  const pictures = figures.flatMap((figure) => (figure.kind === 'pictures' ? figure.pictures : []))
  expect(pictures.map(({ width, height, rgb }) => rgb.length / (width * height))).toEqual([3, 3, 3, 3])
})

test('rosenbrock: momentum and adam pass gradient descent, and curvature passes them all', async () => {
  const { ok, metrics, figures } = await rosenbrock.run(quickContext())
  expect(ok).toBe(true)
  expect(metrics.momentum).toBeLessThan(metrics.gradientDescent)
  expect(metrics.adam).toBeLessThan(metrics.gradientDescent)
  const paths = figures.flatMap((figure) => (figure.kind === 'landscape' ? figure.paths : []))
  expect(paths.map(({ points }) => points[0])).toEqual(Array(6).fill([-1.2, 1]))
  for (const { points } of paths.slice(3))
    expect(points[points.length - 1]).toEqual([expect.closeTo(1, 6), expect.closeTo(1, 6)])
  expect(metrics.lbfgsSteps).toBeLessThan(60)
  expect(metrics.newtonCgSteps).toBeLessThan(110)
  expect(metrics.levenbergMarquardtSteps).toBeLessThan(30)
})

test('plugin: the new primitive agrees with finite differences', async () => {
  const { ok, metrics } = await plugin.run(quickContext())
  expect(ok).toBe(true)
  expect(metrics.maxGradientError).toBeLessThan(1e-5)
  expect(metrics.valueAt1000).toBe(1000)
})

describe('every chapter', () => {
  test.each(chaptersOf(undefined).map((chapter) => [chapter.name, chapter] as const))(
    '%s gives the same numbers for the same seed',
    async (_, chapter) => {
      const first = await chapter.run(quickContext())
      expect((await chapter.run(quickContext())).metrics).toEqual(first.metrics)
    },
    120_000,
  )

  test('stops when it is told to', async () => {
    for (const chapter of chaptersOf(['digits', 'colour-transfer', 'rosenbrock'])) {
      const outcome = await perform(chapter, quickContext([], AbortSignal.abort()))
      expect(outcome.state).toBe('interrupted')
    }
  })

  test('that throws is reported, not thrown', async () => {
    const run = async (): Promise<never> => {
      throw new Error('out of ideas')
    }
    const outcome = await perform({ name: 'plugin', title: '', text: '', run }, quickContext())
    expect(outcome).toMatchObject({ state: 'failed', message: 'out of ideas' })
  })
})

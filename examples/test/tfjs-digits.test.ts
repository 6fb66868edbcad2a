import { expect, test } from 'vitest'
import { run } from '../src/tfjs-digits.js'

test('tfjs digits: a LayersModel trained by adam reads nine of ten unseen digits, and is saved with its weights', async () => {
  const { accuracy, artifacts } = await run({ epochs: 4 })
  expect(accuracy).toBeGreaterThan(0.9)
  const bytes = [artifacts.weightData ?? []].flat().reduce((sum, part) => sum + part.byteLength, 0)
  expect(bytes).toBe(4 * (64 * 64 + 64 + 64 * 10 + 10))
  expect(artifacts.modelTopology).toBeDefined()
})

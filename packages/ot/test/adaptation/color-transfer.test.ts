import { jit, type Tensor } from '@adjoint/core'
import { key, uniform } from '@adjoint/core/random'
import { expect, test } from 'vitest'
import { colorMap, colorTransfer } from '../../src/adaptation/color-transfer.js'
import { distance, f64, list } from '../support.js'

const picture = (seed: number, height: number, width: number) =>
  uniform(key(seed), [height, width, 3], { dtype: 'float64' })
const planted = (colours: Tensor) => colours.mul(f64([0.5, 0.2, 0.8])).add(f64([0.1, 0.6, 0.1]))

test('the colours of a picture under a planted map are found at every pixel, and the way back', () => {
  const source = picture(1, 20, 30)
  const reference = planted(picture(2, 15, 25))
  const { map, transport } = colorMap(source, reference, { samples: 200, epsilon: 0.02 })
  expect(transport.converged.item()).toBe(1)
  expect(transport.plan.shape).toEqual([200, 200])
  const recoloured = map.apply(source)
  expect(recoloured.shape).toEqual([20, 30, 3])
  expect(recoloured.sub(planted(source)).square().mean().sqrt().item()).toBeLessThan(0.06)
  const back = map.inverse(planted(source))
  expect(back.sub(source).square().mean().sqrt().item()).toBeLessThan(0.15)
})

test('colours stay between those of the reference, and the same key gives the same picture', () => {
  const [source, reference] = [picture(3, 8, 9), picture(4, 7, 5).mul(0.3)]
  const once = colorTransfer(source, reference, { samples: 20, key: key(5) })
  expect(list(once)).toEqual(list(colorTransfer(source, reference, { samples: 20, key: key(5) })))
  expect(once.max().item()).toBeLessThanOrEqual(0.3)
  expect(once.min().item()).toBeGreaterThanOrEqual(0)
  const compiled = jit((x: Tensor, y: Tensor) => colorTransfer(x, y, { samples: 20, key: key(5) }))
  expect(distance(compiled(source, reference), once)).toBeLessThan(1e-9)
})

test('pictures without channels, and no samples, are refused', () => {
  expect(() => colorTransfer(f64([1, 2]), f64([1, 2]))).toThrow(/colours/)
  expect(() => colorTransfer(picture(1, 2, 2), picture(1, 2, 2), { samples: 0 })).toThrow(/samples/)
})

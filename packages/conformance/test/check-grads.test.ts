import { bind, definePrimitive, type Primitive, type Tensor, tensor } from '@adjoint/core'
import { describe, expect, it } from 'vitest'
import { CheckFailure, checkGrads, checkVmap } from '../src/index.js'

const wrong: Primitive = definePrimitive('@adjoint/conformance-test:wrong', {
  shape: ([x]) => [x],
  jvp: ([x], [dx]) => [dx === null ? null : dx.mul(x).mul(3)],
  vmap: ([x]) => bind(wrong, [x.mul(2)]),
  reference: ([x]) => [Float64Array.from(x.data, (v) => v * v)],
})

describe('checkGrads', () => {
  it('accepts right derivatives to the third order, in both modes', async () => {
    const x = tensor([0.3, -1.2], { dtype: 'float64' })
    const { maxError, checks } = await checkGrads((v: Tensor) => v.sin().mul(v), [x], { order: 3 })
    expect(maxError).toBeLessThan(1e-8)
    expect(checks.map((c) => c.derivative)).toContain('vjp of jvp of vjp')
    expect(checks).toHaveLength(2 + 4 + 8)
  })

  it('refuses a wrong jvp rule and says what differences give', async () => {
    const failure = await checkGrads((x: Tensor) => bind(wrong, [x])[0], [tensor([2])], { name: 'wrong' }).catch(
      (e) => e,
    )
    expect(failure).toBeInstanceOf(CheckFailure)
    expect(failure.message).toMatch(/wrong: jvp does not hold: .* where differences give .*output 0, element \[0\]/)
  })

  it('takes pytrees, fixes integers, and widens float32', async () => {
    const params = { w: tensor([[0.5, 2]]), n: tensor([1, 0], { dtype: 'int32' }) }
    const { maxError } = await checkGrads(
      ({ w, n }: typeof params) => ({ loss: w.square().mul(n.cast(w.dtype)) }),
      [params],
    )
    expect(maxError).toBeLessThan(1e-9)
  })
})

describe('checkVmap', () => {
  it('accepts broadcasting against an unbatched argument', async () => {
    expect(
      await checkVmap(
        (x: Tensor, y: Tensor) => x.mul(y).sum(),
        [
          tensor([
            [1, 2],
            [3, 4],
          ]),
          tensor([5, 6]),
        ],
        { inAxes: [0, null] },
      ),
    ).toBe(0)
  })

  it('refuses a wrong batching rule', async () => {
    await expect(checkVmap((x: Tensor) => bind(wrong, [x])[0], [tensor([1, 2])])).rejects.toThrow(/vmap against a loop/)
  })
})

// Elementary functions on the GPU: at most 4 units in the last place from the double, special values by bit pattern.

import { bind1, type Primitive, tensor } from '@adjoint/core'
import * as primitives from '@adjoint/core/primitives'
import { beforeAll, expect, it } from 'vitest'
import type { WebgpuBackend } from '../src/index.js'
import { onGpu, open } from './support.js'

const SMALLEST = 2 ** -126

/** Distance in units of the last place of the exact value. */
function ulps(actual: number, exact: number): number {
  const rounded = Math.fround(exact)
  if (Object.is(actual, rounded) || actual === rounded || (Number.isNaN(actual) && Number.isNaN(rounded))) return 0
  if (!Number.isFinite(rounded) || !Number.isFinite(actual)) return Math.abs(exact) > 3.402e38 ? 1 : Infinity
  // A device may flush subnormals.
  if (Math.abs(exact) < SMALLEST && Math.abs(actual) <= SMALLEST) return 0
  const unit = 2 ** (Math.floor(Math.log2(Math.max(Math.abs(exact), SMALLEST))) - 23)
  return Math.abs(actual - exact) / unit
}

/** Numbers over all magnitudes between two, of both signs where asked, and numbers near 0 and 1. */
function sweep(low: number, high: number, count = 20000): Float32Array<ArrayBuffer> {
  const out = new Float32Array(count)
  for (let i = 0; i < count; i++) {
    const t = (i + 0.5) / count
    out[i] = i % 2 === 0 ? low + (high - low) * t : Math.sign(i % 4 === 1 || low >= 0 ? high : low) * 10 ** (-6 + 6 * t)
    if (out[i] < low || out[i] > high) out[i] = low + (high - low) * t
  }
  return out
}

const UNARY: readonly (readonly [Primitive, (x: number) => number, number, number])[] = [
  [primitives.expPrimitive, Math.exp, -87, 88.7],
  [primitives.expm1Primitive, Math.expm1, -20, 88],
  [primitives.logPrimitive, Math.log, 1e-37, 1e38],
  [primitives.logPrimitive, Math.log, 0.3, 3],
  [primitives.log1pPrimitive, Math.log1p, -0.999, 5],
  [primitives.log1pPrimitive, Math.log1p, 1, 1e30],
  [primitives.sqrtPrimitive, Math.sqrt, 0, 1e30],
  [primitives.sinPrimitive, Math.sin, -300, 300],
  [primitives.cosPrimitive, Math.cos, -300, 300],
  [primitives.sinPrimitive, Math.sin, -1e6, 1e6],
  [primitives.cosPrimitive, Math.cos, -3e38, 3e38],
  [primitives.tanhPrimitive, Math.tanh, -12, 12],
  [primitives.logisticPrimitive, (x) => 1 / (1 + Math.exp(-x)), -80, 30],
]

const BITS = [0x7fc00000, 0xffc00001, 0x7f800000, 0xff800000, 0, 0x80000000, 0x3f800000, 0xbfc00000]

onGpu('elementary functions', () => {
  let gpu: WebgpuBackend
  beforeAll(async () => {
    gpu = await open()
  })

  it.for(UNARY)('keeps 4 ulp: case %#', async ([primitive, exact, low, high]) => {
    const x = sweep(low, high)
    const y = await bind1(primitive, [tensor(x, { backend: gpu })]).data()
    let worst = { error: 0, x: 0, y: 0 }
    x.forEach((value, i) => {
      const error = ulps(y[i], exact(value))
      if (!(error <= worst.error)) worst = { error, x: value, y: y[i] }
    })
    expect(worst.error, `${primitive.name}(${worst.x}) = ${worst.y}, not ${exact(worst.x)}`).toBeLessThanOrEqual(4)
  })

  it('keeps 4 ulp: pow, over the whole range of results', async () => {
    const base = Float32Array.from({ length: 20000 }, (_, i) => 10 ** (((i * 7919) % 20000) / 2000 - 4.9999))
    const exponent = Float32Array.from(base, (b, i) => (((i / 20000) * 170 - 85) / Math.log(b)) as number)
    const y = await bind1(primitives.powPrimitive, [
      tensor(base, { backend: gpu }),
      tensor(exponent, { backend: gpu }),
    ]).data()
    const errors = Array.from(y, (v, i) => ulps(v, base[i] ** exponent[i]))
    const at = errors.indexOf(Math.max(...errors))
    expect(errors[at], `pow(${base[at]}, ${exponent[at]}) = ${y[at]}`).toBeLessThanOrEqual(4)
  })

  it('keeps 4 ulp: atan2 and rem', async () => {
    const a = sweep(-50, 50)
    const b = sweep(-9, 11).reverse()
    const [x, y] = [tensor(a, { backend: gpu }), tensor(b, { backend: gpu })]
    const angle = await bind1(primitives.atan2Primitive, [x, y]).data()
    const rest = await bind1(primitives.remPrimitive, [x, y]).data()
    expect(Math.max(...Array.from(angle, (v, i) => ulps(v, Math.atan2(a[i], b[i]))))).toBeLessThanOrEqual(4)
    expect(Array.from(rest)).toEqual(Array.from(a, (v, i) => v % b[i]))
  })

  it('knows NaN, infinities and signed zeros by their bits', async () => {
    const x = new Float32Array(Uint32Array.from(BITS).buffer)
    const on = (primitive: Primitive) => bind1(primitive, [tensor(x, { backend: gpu })]).data()
    const bits = (data: ArrayLike<number>) => Array.from(new Uint32Array(Float32Array.from(data).buffer))
    const nan = (word: number) => ((word & 0x7fffffff) >>> 0 > 0x7f800000 ? 'NaN' : word)
    for (const [primitive, exact] of [
      [primitives.negPrimitive, (v: number) => -v],
      [primitives.absPrimitive, Math.abs],
      [primitives.signPrimitive, Math.sign],
      [primitives.sqrtPrimitive, Math.sqrt],
      [primitives.tanhPrimitive, Math.tanh],
      [primitives.expPrimitive, Math.exp],
      [primitives.sinPrimitive, Math.sin],
      [primitives.floorPrimitive, Math.floor],
    ] as const) {
      const expected = bits(x.map(exact)).map(nan)
      const found = bits(await on(primitive)).map(nan)
      expected.forEach((word, i) => {
        const [a, b] = [word, found[i]]
        if (typeof a === 'number' && typeof b === 'number' && (a & 0x7fffffff) !== 0 && (a & 0x7f800000) !== 0x7f800000)
          expect(Math.abs(a - b), `${primitive.name} of ${BITS[i].toString(16)}`).toBeLessThanOrEqual(4)
        else expect(b, `${primitive.name} of ${BITS[i].toString(16)}`).toBe(a)
      })
    }
  })
})

// The same numbers as NumPy: NaN, infinities, ties, wrapping, 0-d, empty and broadcast shapes.

import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { DType, Tensor } from '../src/index.js'
import * as core from '../src/index.js'

type Params = Record<string, never>

const float = { dtype: 'float64' } as const

/** How each call is written here, where it is not `fn(...inputs, axis, options)`. */
const CALLS: Record<string, (xs: Tensor[], p: Params) => Tensor> = {
  slice: ([x], p) => x.slice(...(p.ranges as unknown as [])),
  flip: ([x], p) => core.flip(x, p.axis),
  transpose: ([x], p) => core.transpose(x, p.permutation),
  moveAxis: ([x], p) => core.moveAxis(x, p.source, p.target),
  pad: ([x], p) => core.pad(x, p.widths, p.value),
  concat: (xs, p) => core.concat(xs, p.axis),
  stack: (xs, p) => core.stack(xs, p.axis),
  tile: ([x], p) => core.tile(x, p.repeats),
  tril: ([x], p) => core.tril(x, p.k),
  take: ([x, i], p) => core.take(x, i, p.axis),
  takeAlongAxis: ([x, i], p) => core.takeAlongAxis(x, i, p.axis),
  atGet: ([x, i, j]) => core.at(x, i, j).get(),
  atAdd: ([x, i, j], p) => core.at(x, i, j).add(p.value),
  where: ([c, a, b]) => core.where(c, a, b),
  linspace: (_, p) => core.linspace(p.start, p.stop, p.count, float),
  arange: (_, p) => core.arange(p.start, p.stop, p.step),
  eye: (_, p) => core.eye(p.n, p.m, float),
}

interface Oracle {
  readonly dtype: string
  readonly shape: readonly number[]
  readonly data: readonly (number | string)[]
}

interface Call {
  readonly fn: string
  readonly params: object
  readonly inputs: readonly Oracle[]
  readonly expected: Oracle
}

const oracles: { readonly numpy: string; readonly cases: readonly Call[] } = JSON.parse(
  readFileSync(new URL('./oracles/data/numpy.json', import.meta.url), 'utf8'),
)

const NAMED: Record<string, number> = {
  nan: Number.NaN,
  inf: Number.POSITIVE_INFINITY,
  '-inf': Number.NEGATIVE_INFINITY,
}

function values({ data }: Oracle): number[] {
  return data.map((v) => (typeof v === 'string' ? NAMED[v] : v))
}

function tensorOf(x: Oracle): Tensor {
  return core.tensor(Float64Array.from(values(x)), { shape: x.shape, dtype: x.dtype as DType })
}

function call(fn: string, xs: Tensor[], params: Params): Tensor {
  const own = CALLS[fn]
  if (own !== undefined) return own(xs, params)
  const { axis, ...options } = params as { axis?: number | null }
  const named = (core as unknown as Record<string, (...args: unknown[]) => Tensor>)[fn]
  return 'axis' in params || Object.keys(options).length > 0 ? named(...xs, axis ?? undefined, options) : named(...xs)
}

describe(`against NumPy ${oracles.numpy}`, () => {
  it.each([...new Set(oracles.cases.map((c) => c.fn))])('%s', (fn) => {
    for (const { inputs, params, expected } of oracles.cases.filter((c) => c.fn === fn)) {
      const out = call(fn, inputs.map(tensorOf), params as Params)
      const place = `${fn}(${inputs.map((x) => `${x.dtype}[${x.shape}]`)}, ${JSON.stringify(params)})`
      expect(`${out.dtype}[${out.shape}]`, place).toBe(`${expected.dtype}[${expected.shape}]`)
      const actual = out.dataSync()
      values(expected).forEach((value, i) => {
        if (Number.isFinite(value))
          expect(Math.abs(actual[i] - value), `${place}, element ${i}: ${actual[i]} for ${value}`).toBeLessThanOrEqual(
            1e-13 * Math.max(1, Math.abs(value)),
          )
        else expect(actual[i], `${place}, element ${i}`).toBe(value)
      })
    }
  })
})

// Shared by the tests: the fixtures, sources of every kind, and what an error says.

import { readFileSync } from 'node:fs'
import { cpu } from '@adjoint/backend-cpu'
import { type AdjointError, isAdjointError, setBackend, setHostBackend, type Tensor } from '@adjoint/core'
import type { ByteSource } from '../src/index.js'

setBackend(cpu)
setHostBackend(cpu)

/** An array as the fixtures describe it: complex numbers are pairs, what JSON lacks is text. */
export interface Described {
  readonly shape: readonly number[]
  readonly dtype: string
  readonly values: readonly (number | string | boolean | readonly [number, number])[]
}

interface Fixture {
  readonly base64: string
  readonly arrays: Readonly<Record<string, Described>>
}

const fixtures: { files: Record<string, Fixture> } = JSON.parse(
  readFileSync(new URL('./reference/fixtures.json', import.meta.url), 'utf8'),
)

export const names = Object.keys(fixtures.files)

export function fixture(name: string): { bytes: Uint8Array; arrays: Fixture['arrays'] } {
  const { base64, arrays } = fixtures.files[name]
  return { bytes: new Uint8Array(Buffer.from(base64, 'base64')), arrays }
}

/** Values of a fixture as numbers, complex ones one part after the other. */
export function numbersOf({ values }: Described): number[] {
  const special: Record<string, number> = { nan: Number.NaN, inf: Number.POSITIVE_INFINITY, '-inf': -Infinity }
  return values.flatMap((v) => (typeof v === 'object' ? v : [typeof v === 'string' ? special[v] : Number(v)]))
}

export const list = (x: Tensor): number[] => Array.from(x.dataSync())

/** The same bytes as every kind of source. */
export function sources(bytes: Uint8Array): readonly (readonly [string, () => ByteSource])[] {
  const copy = new Uint8Array(bytes)
  const stream = (size: number) => () =>
    new ReadableStream<Uint8Array>({
      start(controller) {
        for (let at = 0; at < copy.length; at += size) controller.enqueue(copy.subarray(at, at + size))
        controller.close()
      },
    })
  return [
    ['Uint8Array', () => copy],
    ['a view at an odd offset', () => new Uint8Array([7, ...copy, 7]).subarray(1, copy.length + 1)],
    ['ArrayBuffer', () => copy.buffer],
    ['Blob', () => new Blob([copy])],
    ['Response', () => new Response(copy)],
    ['ReadableStream of single bytes', stream(1)],
    ['ReadableStream', stream(1000)],
    [
      'AsyncIterable',
      async function* () {
        yield copy.subarray(0, 3)
        yield new Uint8Array(0)
        yield copy.subarray(3)
      },
    ],
  ]
}

/** The error of a promise that must fail with one of ours. */
export async function failure(promise: Promise<unknown>): Promise<AdjointError> {
  try {
    await promise
  } catch (error) {
    if (isAdjointError(error)) return error
    throw error
  }
  throw new Error('It did not fail.')
}

/** A file under attack may be read, or refused by an error of ours; anything else is a bug. */
export async function survives(promise: Promise<unknown>): Promise<void> {
  try {
    await promise
  } catch (error) {
    if (!isAdjointError(error)) throw error
  }
}

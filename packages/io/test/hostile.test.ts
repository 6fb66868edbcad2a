// Files made to hurt: cut, flipped, and invented ones are read or refused by our errors, and never fill the memory.

import { arange, tensor } from '@adjoint/core'
import fc from 'fast-check'
import { describe, it } from 'vitest'
import { type ByteSource, csv, npy, npz, safetensors } from '../src/index.js'
import { fixture, survives } from './support.js'

const x = arange(12).reshape([3, 4])
const y = tensor([true, false])

const formats: readonly [string, (source: ByteSource) => Promise<unknown>, Promise<Uint8Array>][] = [
  ['npy.read', npy.read, npy.write(x)],
  ['npy.read, columns first', npy.read, Promise.resolve(fixture('fortran-big.npy').bytes)],
  ['npz.read, stored', npz.read, npz.write({ x, y })],
  ['npz.read, deflated', npz.read, npz.write({ x, y }, { compress: true })],
  ['npz.read, 64-bit', npz.read, Promise.resolve(fixture('wide-directory.npz').bytes)],
  ['safetensors.read', safetensors.read, safetensors.write({ x, y }, { metadata: { a: 'b' } })],
  ['csv.read', csv.read, csv.write({ x: arange(5), y: arange(5) })],
  ['csv.readMatrix', csv.readMatrix, csv.write(x)],
]

const readAll = async (source: ByteSource): Promise<void> => {
  const file = await safetensors.open(source)
  for (const name of file.names) await file.read(name)
}

describe.each([...formats, ['safetensors.open', readAll, formats[5][2]] as const])('%s', (_, read, made) => {
  it('survives every cut', async () => {
    const bytes = await made
    for (let end = 0; end < bytes.length; end += bytes.length > 600 ? 3 : 1) await survives(read(bytes.slice(0, end)))
  })

  it('survives flipped bits', async () => {
    const bytes = await made
    const flip = fc.record({ at: fc.nat(bytes.length - 1), bit: fc.nat(7) })
    await fc.assert(
      fc.asyncProperty(fc.array(flip, { minLength: 1, maxLength: 6 }), async (flips) => {
        const damaged = new Uint8Array(bytes)
        for (const { at, bit } of flips) damaged[at] ^= 1 << bit
        await survives(read(damaged))
      }),
      { numRuns: 400 },
    )
  })

  it('survives inserted and replaced runs of bytes', async () => {
    const bytes = await made
    const edit = fc.record({ at: fc.nat(bytes.length), drop: fc.nat(12), put: fc.uint8Array({ maxLength: 12 }) })
    await fc.assert(
      fc.asyncProperty(edit, async ({ at, drop, put }) => {
        await survives(read(new Uint8Array([...bytes.slice(0, at), ...put, ...bytes.slice(at + drop)])))
      }),
      { numRuns: 300 },
    )
  })

  it('survives noise', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (noise) => survives(read(noise))),
      { numRuns: 300 },
    )
  })
})

describe('invented headers', () => {
  const length = fc.oneof(fc.nat(5), fc.maxSafeNat(), fc.integer(), fc.double(), fc.constant('3'), fc.constant(null))

  it('of safetensors', async () => {
    const entry = fc.record({
      dtype: fc.constantFrom('F32', 'U8', 'F64', 'BOOL', 'F4', 3),
      shape: fc.oneof(fc.array(length, { maxLength: 5 }), length),
      data_offsets: fc.oneof(fc.array(length, { maxLength: 3 }), fc.constant([0, 4])),
    })
    const header = fc.dictionary(fc.string(), fc.oneof(entry, fc.jsonValue()), { maxKeys: 4 })
    await fc.assert(
      fc.asyncProperty(header, async (value) => {
        const json = new TextEncoder().encode(JSON.stringify(value))
        const bytes = new Uint8Array(8 + json.length + 4)
        new DataView(bytes.buffer).setUint32(0, json.length, true)
        bytes.set(json, 8)
        await survives(safetensors.read(bytes))
        await survives(safetensors.open(bytes))
      }),
      { numRuns: 1000 },
    )
  })

  it('of NPY', async () => {
    const literal = fc.oneof(
      fc.constantFrom(
        'True',
        'None',
        "'<f4'",
        "'>c16'",
        '()',
        '(3,)',
        '(2, 0, 9007199254740991)',
        '[',
        '((((',
        '1e5',
        "'",
      ),
      fc.array(fc.maxSafeInteger(), { maxLength: 70 }).map((shape) => `(${shape.join(', ')},)`),
      fc.string(),
    )
    await fc.assert(
      fc.asyncProperty(literal, literal, literal, async (descr, order, shape) => {
        const header = new TextEncoder().encode(`{'descr': ${descr}, 'fortran_order': ${order}, 'shape': ${shape}}`)
        const field = [header.length & 255, header.length >> 8]
        await survives(npy.read(new Uint8Array([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, ...field, ...header, 1, 2])))
      }),
      { numRuns: 1000 },
    )
  })
})

import { openAsBlob } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ones, type Tensor, tensor, zeros } from '@adjoint/core'
import { deserialize, serialize } from '@adjoint/core/drive'
import * as random from '@adjoint/core/random'
import { describe, expect, it } from 'vitest'
import { type Sliceable, safetensors } from '../src/index.js'
import { failure, fixture, list, numbersOf, sources } from './support.js'

const LENGTH = 8

/** A file of the given header and data. */
function file(header: unknown, data = new Uint8Array(0)): Uint8Array {
  const json = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header))
  const out = new Uint8Array(LENGTH + json.length + data.length)
  new DataView(out.buffer).setBigUint64(0, BigInt(json.length), true)
  out.set(json, LENGTH)
  out.set(data, LENGTH + json.length)
  return out
}

const entry = (dtype: string, shape: number[], ...offsets: number[]) => ({ dtype, shape, data_offsets: offsets })

describe('safetensors.read', () => {
  it('reads every type of the format', async () => {
    const { bytes, arrays } = fixture('all-types.safetensors')
    const tensors = await safetensors.read(bytes)
    expect(Object.keys(tensors).sort()).toEqual(Object.keys(arrays).sort())
    for (const [name, described] of Object.entries(arrays)) {
      expect(list(tensors[name]), name).toEqual(numbersOf(described))
      expect(tensors[name].shape, name).toEqual(name === 'c64' ? [2, 3, 2] : described.shape)
    }
    expect(tensors.i64.dtype).toBe('int32')
    expect(tensors.u64.dtype).toBe('uint32')
    expect(tensors.bf16.dtype).toBe('float32')
    expect(tensors.bool.dtype).toBe('bool')
  })

  it.each(sources(fixture('all-types.safetensors').bytes))('reads from %s', async (_, source) => {
    const { u8 } = await safetensors.read(source())
    expect(list(u8)).toEqual([0, 1, 2, 3, 4, 5])
    const opened = await safetensors.open(source())
    expect(list(await opened.read('f16'))).toEqual([0, 1, 2, 3, 4, 5])
  })

  it('reads all float16 values as float32 does', async () => {
    const bits = Uint16Array.from({ length: 65536 }, (_, i) => i)
    const bytes = new Uint8Array(bits.buffer)
    const { long } = await safetensors.read(file({ long: entry('F16', [65536], 0, 131072) }, bytes))
    const { short } = await safetensors.read(file({ short: entry('F16', [100], 0, 200) }, bytes.slice(0, 200)))
    expect(list(long).slice(0, 100)).toEqual(list(short))
    const values = list(long)
    expect([values[0x3c00], values[0xc000], values[0x7bff], values[1], values[0x7c00]]).toEqual([
      1,
      -2,
      65504,
      2 ** -24,
      Number.POSITIVE_INFINITY,
    ])
    expect(values.filter(Number.isNaN)).toHaveLength(2 * 1023)
  })

  it('does not share memory with the bytes', async () => {
    const bytes = await safetensors.write({ x: ones([2]) })
    const { x } = await safetensors.read(bytes)
    bytes.fill(0)
    expect(list(x)).toEqual([1, 1])
  })

  it.each([
    ['a hole', { a: entry('U8', [1], 0, 1), b: entry('U8', [1], 2, 3) }, 3],
    ['an overlap', { a: entry('U8', [2], 0, 2), b: entry('U8', [2], 1, 3) }, 3],
    ['data without a tensor', { a: entry('U8', [1], 0, 1) }, 2],
    ['too little data', { a: entry('U8', [4], 0, 4) }, 3],
    ['a size that does not fit the shape', { a: entry('F32', [2], 0, 4) }, 4],
    ['a product that overflows', { a: entry('F32', [2 ** 30, 2 ** 30, 2 ** 30], 0, 0) }, 0],
    ['a product that overflows beside a zero', { a: entry('F32', [2 ** 53 - 1, 0, 2 ** 53 - 1], 0, 0) }, 0],
    ['a negative length', { a: entry('F32', [-1, -1], 0, 4) }, 4],
    ['offsets backwards', { a: entry('U8', [], 1, 0) }, 1],
    ['three offsets', { a: entry('U8', [1], 0, 1, 1) }, 1],
    ['metadata that is not text', { __metadata__: { a: 1 } }, 0],
    ['an entry that is not an object', { a: 3 }, 0],
    ['an array', [], 0],
    [
      'a doubled name',
      '{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"\\u0061":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}',
      0,
    ],
    ['a doubled field', '{"a":{"dtype":"F32","dtype":"U8","shape":[0],"data_offsets":[0,0]}}', 0],
    ['a space before', ' {}', 0],
    ['no JSON', '{"a":', 0],
  ])('refuses %s', async (_, header, size) => {
    const bytes = file(header, new Uint8Array(size))
    expect((await failure(safetensors.read(bytes))).code).toBe('corrupt-data')
    expect((await failure(safetensors.open(new Blob([new Uint8Array(bytes)])))).code).toBe('corrupt-data')
  })

  it('refuses a header longer than the file before it reads one', async () => {
    const bytes = new Uint8Array(16)
    new DataView(bytes.buffer).setBigUint64(0, 2n ** 63n, true)
    expect((await failure(safetensors.read(bytes))).given).toMatch(/9223372036854775808/)
    new DataView(bytes.buffer).setBigUint64(0, 99_999_999n, true)
    expect((await failure(safetensors.read(bytes))).code).toBe('corrupt-data')
    expect((await failure(safetensors.open(bytes))).code).toBe('corrupt-data')
  })

  it('names a type that it does not know', async () => {
    const error = await failure(safetensors.read(file({ q: entry('F4', [2], 0, 1) }, new Uint8Array(1))))
    expect(error.code).toBe('dtype-unsupported')
    expect(error.message).toMatch(/"q" of dtype "F4"/)
  })

  it('refuses booleans other than 0 and 1', async () => {
    const bytes = file({ flag: entry('BOOL', [1], 0, 1) }, new Uint8Array([2]))
    expect((await failure(safetensors.read(bytes))).message).toMatch(/'flag'/)
  })

  it('keeps names of the language apart', async () => {
    const tensors = { ['__proto__']: ones([1]), constructor: zeros([1]) } as unknown as Record<string, Tensor>
    const back = await safetensors.read(await safetensors.write(tensors), { as: { toString: 'float64' } as never })
    expect(Object.keys(back).sort()).toEqual(['__proto__', 'constructor'])
    expect(new Map(Object.entries(back)).get('constructor')?.dtype).toBe('float32')
  })
})

describe('safetensors.open', () => {
  it('reads the header, and then no more than a tensor', async () => {
    const bytes = await safetensors.write({ small: ones([2]), large: zeros([100_000]) }, { metadata: { by: 'hand' } })
    const read: number[] = []
    const source: Sliceable = {
      size: bytes.length,
      slice(begin, end) {
        read.push(end - begin)
        return new Blob([bytes.slice(begin, end)])
      },
    }
    const opened = await safetensors.open(source)
    expect(opened.names).toEqual(['large', 'small'])
    expect(opened.metadata).toEqual({ by: 'hand' })
    expect(opened.info('large')).toEqual({ shape: [100_000], type: 'float32' })
    expect(list(await opened.read('small', { as: 'float64' }))).toEqual([1, 1])
    expect(read.slice(2)).toEqual([8])
    expect(read[0] + read[1]).toBeLessThan(300)
    const error = await failure(opened.read('medium'))
    expect(error.code).toBe('missing-data')
    expect(error.expected).toMatch(/large, small/)
  })

  it('opens a path of Node', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'adjoint-io-'))
    try {
      const path = join(folder, 'x.safetensors')
      await writeFile(path, safetensors.stream({ x: tensor([1, 2, 3]) }))
      const opened = await safetensors.open(await openAsBlob(path))
      expect(list(await opened.read('x'))).toEqual([1, 2, 3])
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})

describe('safetensors.write', () => {
  it('writes the bytes of the specification', async () => {
    const { bytes } = fixture('own-types.safetensors')
    const metadata = (await safetensors.open(bytes)).metadata
    expect(metadata).toEqual({ format: 'pt', quote: 'a "b" é' })
    expect(await safetensors.write(await safetensors.read(bytes), { metadata })).toEqual(bytes)
  })

  it('streams the same bytes, one tensor a chunk', async () => {
    const tensors = { a: ones([3]), b: zeros([2], { dtype: 'float64' }) }
    const chunks: Uint8Array[] = []
    for await (const chunk of safetensors.stream(tensors)) chunks.push(chunk)
    expect(chunks).toHaveLength(3)
    expect(Buffer.concat(chunks)).toEqual(Buffer.from(await safetensors.write(tensors)))
  })

  it('exchanges files with serialize and deserialize', async () => {
    const tree = { layers: [{ weight: ones([2, 2]), bias: zeros([2]) }], key: random.key(3), step: 7 }
    const tensors = await safetensors.read(await serialize(tree))
    expect(Object.keys(tensors).sort()).toEqual(['layers.0.bias', 'layers.0.weight'])
    const back = deserialize(await safetensors.write(tensors)) as Record<string, Tensor>
    expect(list(back['layers.0.weight'])).toEqual([1, 1, 1, 1])
    expect(Object.keys(deserialize(fixture('own-types.safetensors').bytes) as object)).toHaveLength(5)
  })

  it.each(['float16', 'bfloat16'] as const)('rounds to %s as NumPy and the definition do', async (as) => {
    const { single, ...expected } = await safetensors.read(fixture('rounding.safetensors').bytes)
    const file = await safetensors.write({ single, kept: ones([1], { dtype: 'float64' }) }, { as })
    expect((await safetensors.open(file)).info('single').type).toBe(as)
    const back = await safetensors.read(file)
    expect(list(back.single)).toEqual(list(expected[as]))
    expect(back.kept.dtype).toBe('float64')
  })

  it('writes every 16-bit float back as it was', async () => {
    const bits = Uint16Array.from({ length: 65536 }, (_, i) => i)
    for (const [code, as, quiet] of [
      ['F16', 'float16', 0x7e00],
      ['BF16', 'bfloat16', 0x7fc0],
    ] as const) {
      const { x } = await safetensors.read(file({ x: entry(code, [65536], 0, 131072) }, new Uint8Array(bits.buffer)))
      const bytes = await safetensors.write({ x }, { as: { x: as } })
      const back = new Uint16Array(bytes.slice(bytes.length - 131072).buffer)
      const values = list(x)
      const wrong = bits.filter((b) => (Number.isNaN(values[b]) ? (back[b] & quiet) !== quiet : back[b] !== b))
      expect(Array.from(wrong)).toEqual([])
    }
    const error = await failure(safetensors.write({ n: ones([1], { dtype: 'int32' }) }, { as: { n: 'float16' } }))
    expect(error.given).toBe("'n' of int32 to be stored as float16")
  })

  it('writes no tensors at all', async () => {
    expect(await safetensors.read(await safetensors.write({}))).toEqual({})
  })

  it('refuses what is no tensor, and the reserved name', async () => {
    expect((await failure(safetensors.write({ x: 1 as never }))).given).toMatch(/'x'/)
    expect((await failure(safetensors.write(ones([1]) as never))).fix).toMatch(/\{ x \}/)
    expect((await failure(safetensors.write({ __metadata__: ones([1]) }))).fix).toMatch(/metadata/)
    expect((await failure(safetensors.write({}, { metadata: { a: 1 as never } }))).given).toMatch(/'a'/)
  })
})

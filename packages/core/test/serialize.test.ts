import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { deserialize, serialize } from '../src/drive/index.js'
import { isAdjointError, jit, type Tensor, tensor, zeros } from '../src/index.js'
import * as random from '../src/random/index.js'

const text = new TextEncoder()

function file(header: unknown, data: readonly number[] = []): Uint8Array {
  const json = text.encode(typeof header === 'string' ? header : JSON.stringify(header))
  const out = new Uint8Array(8 + json.length + data.length)
  new DataView(out.buffer).setBigUint64(0, BigInt(json.length), true)
  out.set(json, 8)
  out.set(data, 8 + json.length)
  return out
}

function parts(bytes: Uint8Array): {
  header: Record<string, { dtype: string; shape: number[]; data_offsets: number[] }>
  start: number
} {
  const length = Number(new DataView(bytes.buffer).getBigUint64(0, true))
  return { header: JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length))), start: 8 + length }
}

const entry = (dtype: string, shape: unknown, offsets: unknown) => ({ dtype, shape, data_offsets: offsets })

describe('serialize', () => {
  it('keeps tensors of every dtype bit for bit', async () => {
    const tree = {
      f: tensor([Number.NaN, -0, Infinity, 1e-45], { dtype: 'float32' }),
      d: tensor([[1 / 3], [-0]], { dtype: 'float64' }),
      i: tensor(-2147483648, { dtype: 'int32' }),
      u: tensor([4294967295], { dtype: 'uint32' }),
      b: tensor([true, false, true]),
      none: zeros([0, 3]),
    }
    const back = deserialize(await serialize(tree)) as typeof tree
    for (const key of Object.keys(tree) as (keyof typeof tree)[]) {
      expect(back[key].dtype).toBe(tree[key].dtype)
      expect(back[key].shape).toEqual(tree[key].shape)
      expect(back[key].dataSync()).toEqual(tree[key].dataSync())
    }
  })

  it('keeps random keys, on the host and computed', async () => {
    const computed = jit((key: random.Key) => random.foldIn(key, 5))(random.key(3)) as random.Key
    const keys = [random.key(7), computed]
    const back = deserialize(await serialize(keys)) as random.Key[]
    expect(back[0].words).toEqual(random.key(7).words)
    for (const [i, key] of keys.entries()) {
      expect(random.normal(back[i], [4]).dataSync()).toEqual(random.normal(key, [4]).dataSync())
    }
  })

  it('keeps everything that JSON loses', async () => {
    const tree = [Number.NaN, Infinity, -Infinity, -0, 0, 1e308, 'é\u0000', '', true, null, undefined, [], {}, [[]]]
    expect(deserialize(await serialize(tree))).toEqual(tree)
    const odd = {
      tensor: 'x',
      object: { a: 1 },
      number: 'NaN',
      undefined: true,
      ['__proto__']: 1,
      __metadata__: tensor(1),
    }
    const back = deserialize(await serialize(odd)) as typeof odd
    expect(Object.getOwnPropertyDescriptor(back, '__proto__')?.value).toBe(1)
    expect(Object.getPrototypeOf(back)).toBe(Object.prototype)
    expect(back).toMatchObject({ tensor: 'x', object: { a: 1 }, number: 'NaN', undefined: true })
    expect(back.__metadata__.item()).toBe(1)
  })

  it('keeps arbitrary trees', async () => {
    const leaf = fc.oneof(fc.double(), fc.string(), fc.boolean(), fc.constant(null), fc.float64Array({ maxLength: 4 }))
    const { node } = fc.letrec((tie) => ({
      node: fc.oneof(
        { depthSize: 'small' },
        leaf,
        fc.array(tie('node'), { maxLength: 3 }),
        fc.dictionary(fc.string(), tie('node'), { maxKeys: 3 }),
      ),
    }))
    const made = (value: unknown, make: (array: Float64Array) => unknown): unknown => {
      if (value instanceof Float64Array) return make(value)
      if (Array.isArray(value)) return value.map((child) => made(child, make))
      if (typeof value !== 'object' || value === null || 'dataSync' in value) return value
      return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, made(child, make)]))
    }
    const read = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(read)
      if (typeof value !== 'object' || value === null) return value
      if ('dataSync' in value && typeof value.dataSync === 'function') return Array.from((value as Tensor).dataSync())
      return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, read(child)]))
    }
    await fc.assert(
      fc.asyncProperty(node, async (value) => {
        const back = deserialize(await serialize(made(value, (array) => tensor(array))))
        expect(read(back)).toEqual(made(value, (array) => Array.from(array)))
      }),
      { numRuns: 100 },
    )
  })

  it('writes safetensors: names are paths, data is aligned and without holes', async () => {
    const bytes = await serialize({
      layers: [{ weight: zeros([2, 2]), bias: tensor([1, 2], { dtype: 'float64' }) }],
      mask: tensor([true]),
    })
    const { header, start } = parts(bytes)
    expect(start % 8).toBe(0)
    expect(header['layers.0.bias']).toEqual({ dtype: 'F64', shape: [2], data_offsets: [0, 16] })
    expect(header['layers.0.weight']).toEqual({ dtype: 'F32', shape: [2, 2], data_offsets: [16, 32] })
    expect(header.mask).toEqual({ dtype: 'BOOL', shape: [1], data_offsets: [32, 33] })
    expect(bytes.length).toBe(start + 33)
  })

  it('keeps tensors apart whose paths join to one name', async () => {
    const back = deserialize(await serialize({ 'a.b': tensor(1), a: { b: tensor(2) } })) as {
      'a.b': Tensor
      a: { b: Tensor }
    }
    expect([back['a.b'].item(), back.a.b.item()]).toEqual([1, 2])
  })

  it('is the same for the same tree', async () => {
    const make = () => serialize({ w: tensor([1, 2]), n: 3 })
    expect(await make()).toEqual(await make())
  })

  it('refuses functions, class instances and cycles, with their place', async () => {
    await expect(serialize({ a: [() => 1] })).rejects.toThrow(/a function at a\.0/)
    await expect(serialize({ at: new Date(0) })).rejects.toThrow(/an instance of Date at at/)
    await expect(serialize(1n)).rejects.toThrow(/a bigint at the root/)
    const cycle: unknown[] = []
    cycle.push(cycle)
    await expect(serialize(cycle)).rejects.toThrow(/cycle/)
  })
})

describe('deserialize', () => {
  it('reads files of other tools as tensors by name', () => {
    const bytes = file(
      { __metadata__: { format: 'pt' }, w: entry('F32', [1], [0, 4]), k: entry('I32', [], [4, 8]) },
      [0, 0, 128, 63, 7, 0, 0, 0],
    )
    const { w, k } = deserialize(bytes) as { w: Tensor; k: Tensor }
    expect([w.arraySync(), k.item()]).toEqual([[1], 7])
  })

  it('reads a view in the middle of a buffer', async () => {
    const bytes = await serialize([tensor([1, 2], { dtype: 'float64' })])
    const shifted = new Uint8Array(bytes.length + 3)
    shifted.set(bytes, 3)
    const [x] = deserialize(shifted.subarray(3)) as [Tensor]
    expect(x.arraySync()).toEqual([1, 2])
  })

  const tree = (value: unknown) => ({ __metadata__: { 'adjoint.tree': JSON.stringify(value) } })
  const corrupt: [string, Uint8Array][] = [
    ['nothing', new Uint8Array(0)],
    ['a length without header', new Uint8Array([5, 0, 0, 0, 0, 0, 0, 0])],
    ['a huge header length', new Uint8Array([255, 255, 255, 255, 255, 255, 255, 255, 123, 125])],
    ['a header that is not JSON', file('{"a"')],
    ['a header that is not UTF-8', new Uint8Array([2, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xfe])],
    ['a header that is a list', file('[]')],
    ['an entry that is no object', file({ a: 1 })],
    ['an unknown dtype', file({ a: entry('F16', [1], [0, 2]) }, [0, 0])],
    ['a dtype that is a method name', file({ a: entry('toString', [1], [0, 2]) }, [0, 0])],
    ['a negative shape', file({ a: entry('F32', [-1], [0, 4]) }, [0, 0, 0, 0])],
    ['a fractional shape', file({ a: entry('F32', [0.5], [0, 2]) }, [0, 0])],
    ['a huge shape', file({ a: entry('F32', [2 ** 40, 2 ** 40], [0, 4]) }, [0, 0, 0, 0])],
    ['a shape of another size', file({ a: entry('F32', [2], [0, 4]) }, [0, 0, 0, 0])],
    ['offsets outside', file({ a: entry('F32', [1], [4, 8]) }, [0, 0, 0, 0])],
    ['offsets backwards', file({ a: entry('F32', [1], [4, 0]) }, [0, 0, 0, 0])],
    ['overlapping tensors', file({ a: entry('F32', [1], [0, 4]), b: entry('F32', [1], [0, 4]) }, [0, 0, 0, 0])],
    ['bytes left over', file({ a: entry('F32', [1], [0, 4]) }, [0, 0, 0, 0, 0])],
    ['booleans of 2', file({ a: entry('BOOL', [1], [0, 1]) }, [2])],
    ['a tree that is not JSON', file({ __metadata__: { 'adjoint.tree': '[' } })],
    ['a tree that names a missing tensor', file(tree({ tensor: 'a' }))],
    [
      'a tree that uses a tensor twice',
      file({ ...tree([{ tensor: 'a' }, { tensor: 'a' }]), a: entry('BOOL', [0], [0, 0]) }),
    ],
    ['a tree that leaves a tensor out', file({ ...tree([]), a: entry('BOOL', [0], [0, 0]) })],
    ['a tree with an unknown tag', file(tree({ shrub: 1 }))],
    ['a random key that is none', file({ ...tree({ key: 'a' }), a: entry('U32', [1], [0, 4]) }, [0, 0, 0, 0])],
    ['a tree with a number in words', file(tree({ number: 'one' }))],
    ['a tree that is too deep', file(tree(JSON.parse('['.repeat(3000) + ']'.repeat(3000))))],
  ]
  it.each(corrupt)('refuses %s', (_, bytes) => {
    expect(() => deserialize(bytes)).toThrow(/corrupt-data/)
  })

  it('refuses every truncation, and throws nothing else for flipped bytes', async () => {
    const bytes = await serialize({ w: tensor([1, 2, 3]), flag: tensor([true]), note: 'x' })
    for (let length = 0; length < bytes.length; length++)
      expect(() => deserialize(bytes.slice(0, length))).toThrow(/corrupt-data/)
    fc.assert(
      fc.property(fc.nat({ max: bytes.length - 1 }), fc.integer({ min: 1, max: 255 }), (at, mask) => {
        const damaged = bytes.slice()
        damaged[at] ^= mask
        try {
          deserialize(damaged)
        } catch (error) {
          expect(isAdjointError(error) && error.code).toBe('corrupt-data')
        }
      }),
      { numRuns: 500 },
    )
  })

  it('refuses what is not bytes', () => {
    expect(() => deserialize('{}' as unknown as Uint8Array)).toThrow(/invalid-argument/)
  })
})

import { createFakeAsync } from '@adjoint/conformance'
import { grad, jit, ones, setBackend, tensor, withBackend, zeros } from '@adjoint/core'
import { describe, expect, it } from 'vitest'
import { npy } from '../src/index.js'
import { failure, fixture, list, names, numbersOf, sources } from './support.js'

const EXACT: Record<string, string> = { float32: 'float32', float64: 'float64', uint32: 'uint32', bool: 'bool' }
const dtypeOf = (dtype: string): string => {
  if (dtype === 'uint64') return 'uint32'
  if (dtype.startsWith('complex')) return dtype === 'complex64' ? 'float32' : 'float64'
  return EXACT[dtype.replace(/^>.*/, '')] ?? (dtype.includes('f') ? 'float32' : 'int32')
}

const numeric = names.filter((name) => name.endsWith('.npy') && !/structured|text|dates|objects|wide/.test(name))

describe('npy.read', () => {
  it.each(numeric)('reads %s of NumPy', async (name) => {
    const { bytes, arrays } = fixture(name)
    const expected = arrays.array
    const x = await npy.read(bytes)
    const isComplex = expected.dtype.startsWith('complex')
    expect(x.shape).toEqual(isComplex ? [...expected.shape, 2] : expected.shape)
    expect(list(x)).toEqual(numbersOf(expected))
    if (!expected.dtype.startsWith('>')) expect(x.dtype).toBe(dtypeOf(expected.dtype))
  })

  it.each(sources(fixture('fortran.npy').bytes))('reads from %s', async (_, source) => {
    expect(list(await npy.read(source()))).toEqual(Array.from({ length: 24 }, (_, i) => i))
  })

  it('refuses integers that the tensor cannot hold, and says how to read them', async () => {
    const error = await failure(npy.read(fixture('int64-wide.npy').bytes))
    expect(error.code).toBe('dtype-unsupported')
    expect(error.message).toMatch(/'array' of int64 with -1099511627776 as element 1/)
    expect(error.fix).toMatch(/as: .*float64/)
    expect((await failure(npy.read(fixture('uint64-wide.npy').bytes))).code).toBe('dtype-unsupported')
  })

  it('rounds 64-bit integers once where float64 is asked for', async () => {
    expect(list(await npy.read(fixture('int64-wide.npy').bytes, { as: 'float64' }))).toEqual([1, -(2 ** 40), 2 ** 53])
    expect(list(await npy.read(fixture('uint64-wide.npy').bytes, { as: 'float64' }))).toEqual([0, 2 ** 64])
  })

  it('converts as it is told, exactly for integers and booleans', async () => {
    expect((await npy.read(fixture('little-f8.npy').bytes, { as: 'float32' })).dtype).toBe('float32')
    expect(list(await npy.read(fixture('little-f8.npy').bytes, { as: { array: 'int32' } }))).toEqual([
      -3, -2, -1, 0, 1, 2,
    ])
    expect((await failure(npy.read(fixture('little-f8.npy').bytes, { as: 'uint32' }))).code).toBe('dtype-unsupported')
    expect((await failure(npy.read(fixture('fortran-big.npy').bytes, { as: 'int32' }))).message).toMatch(/0\.428/)
    expect((await failure(npy.read(fixture('little-f8.npy').bytes, { as: 'float16' as 'float32' }))).code).toBe(
      'invalid-argument',
    )
  })

  it.each(['structured.npy', 'text.npy', 'dates.npy', 'objects.npy'])('refuses %s by name', async (name) => {
    const error = await failure(npy.read(fixture(name).bytes))
    expect(error.code).toBe('dtype-unsupported')
    expect(error.fix).toMatch(/astype/)
  })

  it('names the dtype that a backend lacks', async () => {
    const backend = createFakeAsync()
    const error = await failure(npy.read(fixture('little-f8.npy').bytes, { backend }))
    expect(error.code).toBe('dtype-unsupported')
    expect(error.fix).toMatch(/as: 'float32'/)
    const x = await npy.read(fixture('little-f8.npy').bytes, { backend, as: 'float32' })
    expect(Array.from(await x.data())).toEqual([-3, -2, -1, 0, 1, 2])
  })

  it('teaches what a source is', async () => {
    const error = await failure(npy.read('x.npy' as never))
    expect(error.code).toBe('invalid-argument')
    expect(error.fix).toMatch(/openAsBlob/)
    const stream = (async function* () {
      yield 'text' as never
    })()
    expect((await failure(npy.read(stream))).given).toMatch(/chunk of type string/)
    const response = new Response('gone', { status: 404, statusText: 'Not Found' })
    expect((await failure(npy.read(response))).message).toMatch(/404 Not Found/)
  })

  it('refuses bytes after the array', async () => {
    const { bytes } = fixture('scalar.npy')
    expect((await failure(npy.read(new Uint8Array([...bytes, 0])))).code).toBe('corrupt-data')
  })

  it('lets go of a stream that it gives up', async () => {
    let cancelled = false
    const source = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new Uint8Array(64)),
      cancel: () => {
        cancelled = true
      },
    })
    await failure(npy.read(source))
    expect(cancelled).toBe(true)
  })
})

describe('npy.write', () => {
  const SAME = ['little-bool', 'little-i4', 'little-u4', 'little-f4', 'little-f8', 'scalar', 'empty', 'long']
  it.each(SAME)('writes the bytes of NumPy: %s', async (name) => {
    const { bytes } = fixture(`${name}.npy`)
    expect(await npy.write(await npy.read(bytes))).toEqual(bytes)
  })

  it.each([2, 3] as const)('writes version %i', async (version) => {
    const { bytes } = fixture(`version-${version}.npy`)
    expect(await npy.write(await npy.read(bytes), { version })).toEqual(bytes)
  })

  it('streams the same bytes', async () => {
    const x = tensor([[1, 2]], { dtype: 'float64' })
    expect(new Uint8Array(await new Response(npy.stream(x)).arrayBuffer())).toEqual(await npy.write(x))
  })

  it('writes views of other tensors, and reads from devices that answer later', async () => {
    const x = tensor([[1, 2], [3, 4]]) // biome-ignore format: a matrix
    expect(list(await npy.read(await npy.write(x.transpose())))).toEqual([1, 3, 2, 4])
    const later = withBackend(createFakeAsync(), () => ones([3]).add(1))
    expect(list(await npy.read(await npy.write(later)))).toEqual([2, 2, 2])
    setBackend(zeros([1]).backend)
  })

  it('gives tensors that transformations take', async () => {
    const x = await npy.read(await npy.write(tensor([1, 2, 3])))
    expect(list(jit(grad((v: typeof x) => v.square().sum()))(x))).toEqual([2, 4, 6])
  })

  it('refuses what is no tensor, and tracers', async () => {
    expect((await failure(npy.write([1, 2] as never))).code).toBe('invalid-argument')
    expect((await failure(npy.write(ones([1]), { version: 4 as 1 }))).code).toBe('invalid-argument')
    let traced: Promise<unknown> = Promise.resolve()
    jit((x: ReturnType<typeof ones>) => {
      traced = failure(npy.write(x)).then((error) => expect(error.code).toBe('traced-value'))
      return x
    })(ones([2]))
    await traced
  })
})

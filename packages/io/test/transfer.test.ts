// Progress and signals of every reader and writer, and whose memory a tensor has in the end.

import { arange, ones, type Tensor } from '@adjoint/core'
import { describe, expect, it, vi } from 'vitest'
import {
  type ByteSource,
  csv,
  npy,
  npz,
  safetensors,
  type TransferOptions,
  type TransferProgress,
} from '../src/index.js'
import { fixture, list, sources } from './support.js'

const big = arange(0, 150_000, 1, { dtype: 'float64' })
const pair = { a: big, b: ones([7]) }

const readers: readonly [
  string,
  (s: ByteSource, o?: TransferOptions) => Promise<unknown>,
  () => Promise<Uint8Array>,
][] = [
  ['npy.read', npy.read, () => npy.write(big)],
  ['npz.read', npz.read, () => npz.write(pair)],
  ['npz.read, deflated', npz.read, () => npz.write(pair, { compress: true })],
  ['safetensors.read', safetensors.read, () => safetensors.write(pair)],
  [
    'safetensors.open',
    async (source, options) => (await safetensors.open(source, options)).read('a', options),
    () => safetensors.write(pair),
  ],
  ['csv.read', (s, o) => csv.read(s, { header: false, ...o }), () => csv.write(big)],
]

describe.each(readers)('%s', (_, read, made) => {
  const file = made()

  it('reports how far it is', async () => {
    const blob = new Blob([new Uint8Array(await file)])
    const seen: TransferProgress[] = []
    await read(blob, { onProgress: (progress) => seen.push(progress) })
    const counts = seen.map(({ bytes }) => bytes)
    expect(counts).toEqual(counts.toSorted((a, b) => a - b))
    expect(seen.at(-1)?.bytes).toBe(seen.at(-1)?.total)
    expect(seen.length).toBeGreaterThan(0)
  })

  it.each([0, 1])('is stopped by a signal (after %i chunks)', async (after) => {
    const stop = new AbortController()
    if (after === 0) stop.abort()
    const work = read(new Blob([new Uint8Array(await file)]), {
      signal: stop.signal,
      onProgress: () => stop.abort(new Error('enough')),
    })
    await expect(work).rejects.toThrow(after === 0 ? /abort/ : 'enough')
  })

  it('is stopped while it waits for a stream, which is let go', async () => {
    const [stop, cancel] = [new AbortController(), vi.fn()]
    const bytes = await file
    const stalled = new ReadableStream<Uint8Array>({ start: (c) => c.enqueue(bytes.subarray(0, 5)), cancel })
    const work = read(stalled, { signal: stop.signal })
    setTimeout(() => stop.abort(new Error('too slow')))
    await expect(work).rejects.toThrow('too slow')
    expect(cancel).toHaveBeenCalled()
  })

  it('is stopped while it waits for an iterable', async () => {
    const stop = new AbortController()
    const bytes = await file
    const stalled = (async function* () {
      yield bytes.subarray(0, 5)
      await new Promise(() => undefined)
    })()
    const work = read(stalled, { signal: stop.signal })
    setTimeout(() => stop.abort(new Error('too slow')))
    await expect(work).rejects.toThrow('too slow')
  })
})

describe('of a stream, npz.read', () => {
  it('reports the arrival', async () => {
    const bytes = new Uint8Array(await npz.write(pair))
    const seen: TransferProgress[] = []
    const response = new Response(bytes, { headers: { 'content-length': String(bytes.length) } })
    await npz.read(response, { onProgress: (progress) => seen.push(progress) })
    expect(seen.at(-1)).toEqual({ bytes: bytes.length, total: bytes.length })
  })
})

const writers: readonly [
  string,
  (o: TransferOptions) => Promise<Uint8Array>,
  (o: TransferOptions) => ReadableStream,
][] = [
  ['npy', (o) => npy.write(big, o), (o) => npy.stream(big, o)],
  ['npz', (o) => npz.write(pair, o), (o) => npz.stream(pair, o)],
  ['safetensors', (o) => safetensors.write(pair, o), (o) => safetensors.stream(pair, o)],
  ['csv', (o) => csv.write(big, o), (o) => csv.stream(big, o)],
]

describe.each(writers)('%s', (_, write, stream) => {
  it('reports how far writing is, and writes the same bytes', async () => {
    const seen: TransferProgress[] = []
    const watched = await write({ onProgress: (progress) => seen.push(progress) })
    expect(Buffer.compare(watched, await write({}))).toBe(0)
    expect(seen.at(-1)?.bytes).toBe(watched.length)
    expect([undefined, watched.length]).toContain(seen.at(-1)?.total)
    const streamed = await new Response(stream({ onProgress: () => undefined })).arrayBuffer()
    expect(Buffer.compare(new Uint8Array(streamed), watched)).toBe(0)
  })

  it('is stopped by a signal, as a promise and as a stream', async () => {
    const stop = new AbortController()
    const options = { signal: stop.signal, onProgress: () => stop.abort(new Error('enough')) }
    await expect(write(options)).rejects.toThrow('enough')
    await expect(new Response(stream({ signal: stop.signal })).arrayBuffer()).rejects.toThrow('enough')
  })
})

describe('memory', () => {
  const { bytes } = fixture('fortran-big.npy')

  it.each(sources(bytes))('of %s is neither changed nor shared', async (_, source) => {
    const given = source()
    const before = given instanceof Uint8Array ? given.slice() : undefined
    const x = list(await npy.read(given))
    if (before !== undefined) expect(given).toEqual(before)
    expect(x).toEqual(list(await npy.read(bytes)))
  })

  it('that a source keeps is copied', async () => {
    const file = await safetensors.write({ x: ones([1000]) })
    const kept = {
      size: file.length,
      slice: (begin: number, end: number) => ({ arrayBuffer: async () => file.buffer.slice(begin, end) }),
    }
    const whole = {
      size: file.length,
      slice: (begin: number, end: number) =>
        begin === 0 && end === file.length ? { arrayBuffer: async () => file.buffer } : kept.slice(begin, end),
    }
    const tensors: Tensor[] = []
    for (const source of [file, file.buffer, kept, whole, new Blob([file])]) {
      tensors.push((await safetensors.read(source)).x)
      tensors.push(await (await safetensors.open(source)).read('x'))
    }
    file.fill(0)
    for (const x of tensors) expect(x.sum().item()).toBe(1000)
  })
})

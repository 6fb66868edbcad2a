import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { arange, ones, tensor, zeros } from '@adjoint/core'
import { strToU8, zipSync } from 'fflate'
import { describe, expect, it } from 'vitest'
import { npy, npz } from '../src/index.js'
import { failure, fixture, list, sources } from './support.js'

const CHECK = `
import sys, numpy as np
for path in sys.argv[1:]:
    with np.load(path) as z:
        assert z.files == ['x', 'n', 'mask', 'scalar'], z.files
        assert z['x'].dtype == np.float32 and (z['x'] == np.arange(3000, dtype=np.float32).reshape(3, 1000)).all()
        assert z['n'].dtype == np.int32 and z['n'].tolist() == [1, -2]
        assert z['mask'].tolist() == [True, False]
        assert z['scalar'].shape == () and z['scalar'].dtype == np.float64 and z['scalar'] == 0.1
`

describe('npz.read', () => {
  it.each(['stored', 'deflated', 'wide-directory'])('reads what NumPy wrote: %s', async (name) => {
    const { weights, labels, größe } = await npz.read(fixture(`${name}.npz`).bytes)
    expect(weights.shape).toEqual([2, 3])
    expect(list(weights)).toEqual(Array.from(new Float32Array([0, 1 / 3, 2 / 3, 1, 4 / 3, 5 / 3])))
    expect([labels.dtype, list(labels)]).toEqual(['int32', [3, 1, 2]])
    expect([größe.dtype, größe.shape, list(größe)]).toEqual(['bool', [], [1]])
  })

  it.each(sources(fixture('deflated.npz').bytes))('reads from %s', async (_, source) => {
    expect(list((await npz.read(source(), { as: { labels: 'float64' } })).labels)).toEqual([3, 1, 2])
  })

  it('opens an archive for single arrays', async () => {
    const file = await npz.open(new Blob([new Uint8Array(fixture('stored.npz').bytes)]))
    expect(file.names).toEqual(['weights', 'labels', 'größe'])
    expect(list(await file.read('labels', { as: 'float32' }))).toEqual([3, 1, 2])
    const error = await failure(file.read('bias'))
    expect([error.code, error.expected]).toEqual(['missing-data', 'one of weights, labels, größe'])
  })

  it('leaves out files that are no arrays', async () => {
    const bytes = zipSync({ 'notes.txt': strToU8('hello'), 'x.npy': await npy.write(ones([2])) })
    expect(Object.keys(await npz.read(bytes))).toEqual(['x'])
  })

  it('refuses an archive that unpacks to more than the limit', async () => {
    const bytes = await npz.write({ x: zeros([100_000]) }, { compress: true })
    expect(bytes.length).toBeLessThan(2000)
    const error = await failure(npz.read(bytes, { limit: 300_000 }))
    expect(error.code).toBe('invalid-argument')
    expect(error.fix).toMatch(/limit/)
    expect(list((await npz.read(bytes, { limit: 400_128 })).x)).toHaveLength(100_000)
  })

  it('stops a bomb where its claim ends', async () => {
    const bytes = zipSync({ 'x.npy': new Uint8Array(50_000_000) })
    const view = new DataView(bytes.buffer)
    // The directory says 1000 bytes.
    const directory = view.getUint32(bytes.length - 6, true)
    view.setUint32(directory + 24, 1000, true)
    expect((await failure(npz.read(bytes))).code).toBe('corrupt-data')
  })

  it.each([
    ['a wrong checksum', (bytes: Uint8Array, directory: number) => bytes.fill(1, directory + 16, directory + 20)],
    ['an encrypted entry', (bytes: Uint8Array, directory: number) => bytes.fill(1, directory + 8, directory + 9)],
    ['an unknown method', (bytes: Uint8Array, directory: number) => bytes.fill(12, directory + 10, directory + 11)],
    ['a size over the end', (bytes: Uint8Array, directory: number) => bytes.fill(127, directory + 20, directory + 28)],
    ['a place over the end', (bytes: Uint8Array, directory: number) => bytes.fill(127, directory + 42, directory + 46)],
    ['a name over the end', (bytes: Uint8Array, directory: number) => bytes.fill(127, directory + 28, directory + 30)],
    ['a wrong number of entries', (bytes: Uint8Array) => bytes.fill(9, bytes.length - 12, bytes.length - 11)],
    ['no end', (bytes: Uint8Array) => bytes.fill(0, bytes.length - 22)],
    ['damaged data', (bytes: Uint8Array) => bytes.fill(255, 40, 60)],
  ])('refuses %s', async (_, damage) => {
    for (const compress of [false, true]) {
      const bytes = await npz.write({ x: arange(100) }, { compress })
      damage(bytes, new DataView(bytes.buffer).getUint32(bytes.length - 6, true))
      expect((await failure(npz.read(bytes))).code).toBe('corrupt-data')
    }
  })

  it('refuses entries that share bytes', async () => {
    const bytes = await npz.write({ x: ones([2]), y: ones([2]) })
    const view = new DataView(bytes.buffer)
    const directory = view.getUint32(bytes.length - 6, true)
    const second = directory + 46 + view.getUint16(directory + 28, true) + view.getUint16(directory + 30, true)
    view.setUint32(second + 42, 0, true)
    expect((await failure(npz.read(bytes))).given).toMatch(/running into/)
  })
})

describe('npz.write', () => {
  const tensors = () => ({
    x: arange(0, 3000, 1, { dtype: 'float32' }).reshape([3, 1000]),
    n: tensor(new Int32Array([1, -2])),
    mask: tensor([true, false]),
    scalar: tensor(0.1, { dtype: 'float64' }),
  })

  it.each([false, true])('reads back what it wrote, compress: %s', async (compress) => {
    const bytes = await npz.write(tensors(), { compress })
    const back = await npz.read(bytes)
    for (const [name, x] of Object.entries(tensors()))
      expect([back[name].dtype, back[name].shape, list(back[name])]).toEqual([x.dtype, x.shape, list(x)])
    expect(await npz.write(back, { compress })).toEqual(bytes)
    expect(new Uint8Array(await new Response(npz.stream(back, { compress })).arrayBuffer())).toEqual(bytes)
  })

  it('is read by NumPy', async (ctx) => {
    const probe = spawnSync('python3', ['-c', 'import numpy'])
    if (probe.status !== 0) return ctx.skip('python3 with NumPy is not installed')
    const folder = mkdtempSync(join(tmpdir(), 'adjoint-io-'))
    try {
      const paths = await Promise.all(
        [false, true].map(async (compress) => {
          const path = join(folder, `${compress}.npz`)
          writeFileSync(path, await npz.write(tensors(), { compress }))
          return path
        }),
      )
      const run = spawnSync('python3', ['-c', CHECK, ...paths], { encoding: 'utf8' })
      expect(run.stderr).toBe('')
      expect(run.status).toBe(0)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it('writes no arrays at all', async () => {
    expect(await npz.read(await npz.write({}))).toEqual({})
  })

  it('refuses what is no tensor', async () => {
    expect((await failure(npz.write({ x: [1] as never }))).given).toMatch(/'x'/)
  })
})

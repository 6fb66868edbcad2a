// Files in a real Chromium: what it reads is what Node reads, what it writes has the same bytes.

import { fileURLToPath } from 'node:url'
import { arange, tensor } from '@adjoint/core'
import { beforeAll, describe, expect, it } from 'vitest'
import { type PageResult, runPage, whySkipPages } from '../../../scripts/browser/run-page.js'
import { csv, npy, npz, safetensors } from '../src/index.js'
import { fixture, numbersOf } from './support.js'

const reason = whySkipPages()
const IRIS = 'length,species\n5.5,setosa\n4.25,"versi, color"\n'
const SERVED = ['fortran.npy', 'deflated.npz', 'own-types.safetensors']

const x = arange(0, 6, 1, { dtype: 'float32' }).reshape([2, 3])
const made = { x, mask: tensor([true, false]), n: tensor(new Int32Array([7])) }
const base64 = async (bytes: Promise<Uint8Array>): Promise<string> => Buffer.from(await bytes).toString('base64')
const described = (name: string) =>
  Object.fromEntries(
    Object.entries(fixture(name).arrays).map(([key, array]) => [
      key,
      numbersOf(array).map((value) => expect.closeTo(value, 6)),
    ]),
  )

const expected: Readonly<Record<string, () => unknown>> = {
  'npy from fetch': () => Array.from({ length: 24 }, (_, i) => i),
  'npz from a Blob': () => described('deflated.npz'),
  'safetensors from a stream': () => described('own-types.safetensors'),
  'safetensors from a File, one tensor': () => ({
    names: ['layers.0.bias', 'layers.0.weight', 'count', '10', 'mask'],
    bias: [1, 2, 3.5],
  }),
  'csv from fetch': () => ({ length: [5.5, 4.25], species: ['setosa', 'versi, color'] }),
  'csv in batches': () => [5.5, 4.25],
  'a stream of the page': () => [0, 1, 2, 3, 4, 5],
  'writes safetensors': () => base64(safetensors.write(made)),
  'writes npy': () => base64(npy.write(x)),
  'writes npz': () => base64(npz.write(made, { compress: true })),
  'writes csv': () => base64(csv.write(x)),
  'streams into a Response': () => base64(npz.write(made)),
  'a page that is not there': () => 'missing-data',
  'a page that is no array': () => 'corrupt-data',
}

describe('in Chromium', () => {
  let page: PageResult | undefined

  beforeAll(async () => {
    if (reason !== undefined) return
    const files = Object.fromEntries(SERVED.map((name) => [`/${name}`, fixture(name).bytes]))
    page = await runPage({
      entry: fileURLToPath(new URL('./browser/page.ts', import.meta.url)),
      csp: "default-src 'self'",
      files: { ...files, '/iris.csv': new TextEncoder().encode(IRIS) },
    })
  }, 90_000)

  it.for(Object.keys(expected))('%s', async (name, ctx) => {
    ctx.skip(reason !== undefined, reason)
    expect(page?.get(name)).toEqual({ name, value: await expected[name]() })
  })
})

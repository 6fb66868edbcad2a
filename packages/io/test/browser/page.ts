// Reads and writes in the page, from what the web has: fetch, Blob, File, streams.

import { cpu } from '@adjoint/backend-cpu'
import { arange, isAdjointError, setBackend, type Tensor, tensor } from '@adjoint/core'
import { runCases } from '../../../../scripts/browser/page.js'
import { type ByteSource, csv, npy, npz, safetensors } from '../../src/index.js'

setBackend(cpu)

const list = async (x: Tensor): Promise<number[]> => Array.from(await x.data())
const lists = async (tensors: Readonly<Record<string, Tensor>>) =>
  Object.fromEntries(await Promise.all(Object.entries(tensors).map(async ([name, x]) => [name, await list(x)])))

/** Bytes as text: a page reports JSON. */
const base64 = (bytes: Uint8Array): string => btoa(String.fromCharCode(...bytes))
const stream = async (path: string) => (await fetch(path)).body as ReadableStream<Uint8Array>
const blob = async (path: string) => (await fetch(path)).blob()
const gzipped = (bytes: Uint8Array<ArrayBuffer>) =>
  new Blob([bytes]).stream().pipeThrough(new CompressionStream('gzip')).pipeThrough(new DecompressionStream('gzip'))

const made = () => ({
  x: arange(0, 6, 1, { dtype: 'float32' }).reshape([2, 3]),
  mask: tensor([true, false]),
  n: tensor(new Int32Array([7])),
})

const refused = async (source: ByteSource): Promise<string> => {
  try {
    await npy.read(source)
    return 'read'
  } catch (error) {
    return isAdjointError(error) ? error.code : String(error)
  }
}

await runCases({
  'npy from fetch': async () => list(await npy.read(await fetch('/fortran.npy'))),
  'npz from a Blob': async () => lists(await npz.read(await blob('/deflated.npz'))),
  'safetensors from a stream': async () => lists(await safetensors.read(await stream('/own-types.safetensors'))),
  'safetensors from a File, one tensor': async () => {
    const file = await safetensors.open(new File([await blob('/own-types.safetensors')], 'own.safetensors'))
    return { names: file.names, bias: await list(await file.read('layers.0.bias')) }
  },
  'csv from fetch': async () => {
    const { tensors, text } = await csv.read(await fetch('/iris.csv'), { as: { species: 'text' } })
    return { ...(await lists(tensors)), ...text }
  },
  'csv in batches': async () => {
    const sums: number[] = []
    for await (const { tensors } of csv.batches(await stream('/iris.csv'), { size: 1, select: ['length'] })) {
      sums.push(...(await list(tensors.length)))
    }
    return sums
  },
  'a stream of the page': async () => list(await npy.read(gzipped(await npy.write(made().x)))),
  'writes safetensors': async () => base64(await safetensors.write(made())),
  'writes npy': async () => base64(await npy.write(made().x)),
  'writes npz': async () => base64(await npz.write(made(), { compress: true })),
  'writes csv': async () => base64(await csv.write(made().x)),
  'streams into a Response': async () => base64(new Uint8Array(await new Response(npz.stream(made())).arrayBuffer())),
  'a page that is not there': async () => refused(await fetch('/nothing.npy')),
  'a page that is no array': async () => refused(await fetch('/iris.csv')),
})

// The table of primitives and backends, from the registries themselves: `npx vitest run docs -t "table of" -u` writes it.

import { readFileSync } from 'node:fs'
import '@tensorflow/tfjs-backend-cpu'
import { createTfjs, type TfjsCore } from '@adjoint/backend-tfjs'
import { webgpu } from '@adjoint/backend-webgpu'
import { coreCases } from '@adjoint/conformance'
import * as tf from '@tensorflow/tfjs-core'
import { type Backend, cpu, type DType, type Primitive } from 'adjoint'
import { expect, test } from 'vitest'

const DEVICES = ['cpu', 'wasm', 'webgl', 'webgpu']

interface KitRecord {
  readonly passed: number
  readonly leftOut: Readonly<Record<string, Readonly<Record<string, number>>>>
}

/** What the tests of the package recorded for a device of tfjs. */
function kitRow(device: string): string[] {
  const file = new URL(`../../packages/backend-tfjs/test/kit/tfjs-${device}.json`, import.meta.url)
  const { passed, leftOut } = JSON.parse(readFileSync(file, 'utf8')) as KitRecord
  const reasons = Object.entries(leftOut).map(([reason, counts]) => {
    const primitives = Object.entries(counts).map(([name, count]) =>
      count === 1 ? `\`${name}\`` : `\`${name}\` (${count})`,
    )
    return `${reason}: ${primitives.join(', ')}`
  })
  return [`\`tfjs-${device}\``, String(passed), reasons.length === 0 ? 'nothing' : reasons.join('; ')]
}

type Cases = ReturnType<typeof coreCases>[number]

/** The registry of tfjs's backend for a device that this machine need not have. */
async function registryOf(device: string): Promise<Backend> {
  await tf.setBackend('cpu')
  const fake = { ...tf, setBackend: async () => true, getBackend: () => device }
  const engine = Object.assign(Object.create(tf.engine()), { findBackend: () => tf.backend() })
  return createTfjs({ tf: { ...fake, engine: () => engine } as unknown as TfjsCore, device })
}

/** The registry of the WebGPU backend, which asks its device for nothing before it runs a kernel. */
function webgpuRegistry(): Promise<Backend> {
  const limits = { minUniformBufferOffsetAlignment: 256, maxStorageBuffersPerShaderStage: 8 }
  const device = { limits, lost: new Promise(() => undefined), addEventListener() {}, createBuffer: () => ({}) }
  return webgpu({ device: device as unknown as GPUDevice })
}

function hasKernel(backend: Backend, primitive: Primitive, c: Cases['cases'][number]): boolean {
  const types = c.inputs.map(({ dtype, shape }) => ({ dtype, shape }))
  const params = c.params ?? {}
  const call = { inputs: types, outputs: primitive.shape(types, params), params }
  return backend.table.has(primitive.name) || backend.find?.(primitive, call) !== undefined
}

function cell(backend: Backend, { primitive, cases }: Cases): string {
  if (primitive.view === true) return 'a view'
  const held = cases.filter((c) => {
    const types = c.inputs.map(({ dtype, shape }) => ({ dtype, shape }))
    const all: DType[] = [...types, ...primitive.shape(types, c.params ?? {})].map(({ dtype }) => dtype)
    return all.every((dtype) => backend.dtypes.includes(dtype))
  })
  if (held.length === 0) return 'no such dtype'
  const own = held.filter((c) => hasKernel(backend, primitive, c))
  if (own.length === held.length) return 'yes'
  if (own.length > 0) return 'some calls'
  return primitive.decompose === undefined ? 'host' : 'composed'
}

test('table of primitives and backends', async () => {
  const backends = [cpu, await webgpuRegistry(), ...(await Promise.all(DEVICES.map(registryOf)))]
  const rows = coreCases().map((cases) => [`\`${cases.primitive.name}\``, ...backends.map((b) => cell(b, cases))])
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  const text = [
    '# Primitives by backend',
    '',
    'Which backend runs which primitive by a kernel of its own. *yes*: all calls in the dtypes it holds; *some calls*: the rest',
    'goes to the host; *composed*: made of other primitives; *host*: read, computed on the host backend and written back,',
    'reported once by name; *a view*: nothing is computed; *no such dtype*: the device cannot hold the values.',
    '',
    'The tables are written by a test of the documentation, which fails where they are out of date: the first from the',
    'registries, the second from what the last run of the conformance kit on tfjs left in its package. That the kernels are',
    'right is what the kit checks, on each of these backends, in every run of the tests.',
    '',
    line(['primitive', ...backends.map(({ name }) => `\`${name}\``)]),
    line(['---', ...backends.map(() => '---')]),
    ...rows.map(line),
    '',
    '## The last run of the conformance kit',
    '',
    'Checks that passed, and cases that a device is not asked, since it says that it cannot do them; how many, by primitive.',
    '`cpu` and `webgpu` are asked all that their dtypes allow.',
    '',
    line(['backend', 'passed', 'not asked']),
    line(['---', '--:', '---']),
    ...DEVICES.map((device) => line(kitRow(device))),
    '',
  ].join('\n')
  await expect(text).toMatchFileSnapshot('../guides/primitives-by-backend.md')
})

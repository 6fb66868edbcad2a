// Compute pipelines, made once per text and compiled beside the user's code; what fails tells its line.

import { AdjointError } from '@adjoint/core'

/** A WGSL module with the bindings it wants: storage buffers, then the numbers of a run. */
export interface Shader {
  readonly name: string
  readonly code: string
  /** Access of each storage buffer, by binding. */
  readonly bindings: readonly ('read' | 'write')[]
  /** How many 32-bit numbers each run hands in. */
  readonly numbers: number
}

/** A shader on its way to a pipeline. */
export interface Pipeline {
  readonly shader: Shader
  readonly layout: GPUBindGroupLayout
  readonly layoutId: number
  /** Bytes of the numbers, in whole vectors. */
  readonly uniformBytes: number
  /** Set when it is compiled. */
  compiled: GPUComputePipeline | undefined
  error: AdjointError | undefined
  /** Resolves when it is compiled or refused; `alone` says that nothing else is to be compiled meanwhile. */
  settle(alone: boolean): Promise<void>
}

const COMPUTE = 0x4
/** Without WebGPU of its own a system runs Dawn from npm, which waits by asking again and again: no gain in another thread. */
const waitsBusily = (): boolean => (globalThis as { navigator?: { gpu?: GPU } }).navigator?.gpu === undefined

/** Makes and caches pipelines. */
export class Pipelines {
  private readonly device: GPUDevice
  private readonly made = new Map<string, Pipeline>()
  private readonly layouts = new Map<string, { id: number; layout: GPUBindGroupLayout }>()

  constructor(device: GPUDevice) {
    this.device = device
  }

  of(shader: Shader): Pipeline {
    const known = this.made.get(shader.code)
    if (known !== undefined) return known
    const uniformBytes = Math.ceil(shader.numbers / 4) * 16
    const { id, layout } = this.layoutOf(shader.bindings, uniformBytes)
    let settled: Promise<void> | undefined
    const pipeline: Pipeline = {
      shader,
      layout,
      layoutId: id,
      uniformBytes,
      compiled: undefined,
      error: undefined,
      settle: (alone) => {
        settled ??= this.compile(pipeline, alone && waitsBusily())
        return settled
      },
    }
    this.made.set(shader.code, pipeline)
    return pipeline
  }

  private async compile(pipeline: Pipeline, atOnce: boolean): Promise<void> {
    const { device } = this
    const { code, name } = pipeline.shader
    device.pushErrorScope('validation')
    const module = device.createShaderModule({ code, label: name })
    const wanted = {
      label: name,
      layout: device.createPipelineLayout({ bindGroupLayouts: [pipeline.layout] }),
      compute: { module, entryPoint: 'main' },
    }
    const made = atOnce ? device.createComputePipeline(wanted) : device.createComputePipelineAsync(wanted)
    const refused = device.popErrorScope()
    const refusal = await Promise.all([made, refused]).then(
      ([compiled, error]) => {
        if (error === null) pipeline.compiled = compiled
        return error
      },
      (error: unknown) => error,
    )
    if (refusal !== null) pipeline.error = await compileError(pipeline.shader, module, refusal)
  }

  private layoutOf(bindings: Shader['bindings'], uniformBytes: number) {
    const key = `${bindings.map((b) => b[0]).join('')}${uniformBytes}`
    const known = this.layouts.get(key)
    if (known !== undefined) return known
    const entries: GPUBindGroupLayoutEntry[] = bindings.map((access, binding) => ({
      binding,
      visibility: COMPUTE,
      buffer: { type: access === 'read' ? 'read-only-storage' : 'storage' },
    }))
    if (uniformBytes > 0) {
      entries.push({
        binding: bindings.length,
        visibility: COMPUTE,
        buffer: { type: 'uniform', hasDynamicOffset: true, minBindingSize: uniformBytes },
      })
    }
    const made = { id: this.layouts.size, layout: this.device.createBindGroupLayout({ entries }) }
    this.layouts.set(key, made)
    return made
  }
}

async function compileError({ name, code }: Shader, module: GPUShaderModule, cause: unknown): Promise<AdjointError> {
  const info = await module.getCompilationInfo().catch(() => undefined)
  const first = info?.messages.find((m) => m.type === 'error')
  const line = first === undefined ? '' : code.split('\n')[first.lineNum - 1]?.trim()
  const given =
    first === undefined
      ? `a shader that the driver refuses: ${(cause as { message?: string }).message ?? String(cause)}`
      : `a shader that does not compile: ${first.message}, in line ${first.lineNum}: ${line}`
  return new AdjointError('device-failed', { fn: name, given, cause })
}

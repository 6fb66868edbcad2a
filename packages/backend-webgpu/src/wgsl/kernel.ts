// Prints a kernel of the scalar IR as a WGSL module: one thread for each point of the grid.

import type { KernelBuffer, Scalar, ScalarKernel, Statement } from '@adjoint/core'
import type { Precision } from '../api.js'
import type { Shader } from '../device/pipelines.js'
import { libraryText } from './library.js'
import { nameOf, ScalarPrinter, typeOf } from './scalar.js'

/** A module and how many workgroups it runs in. */
export interface Launch {
  readonly shader: Shader
  readonly groups: readonly [x: number, y: number, z: number]
}

/** Workgroups along one axis that every device allows. */
const MOST_GROUPS = 65535
const THREADS = 64

/** A kernel as one module. */
export function printKernel(kernel: ScalarKernel, precision: Precision): Launch {
  const threads = kernel.workgroup > 1 ? kernel.workgroup : THREADS
  const total = kernel.grid.reduce((a, b) => a * b, 1)
  const groups = spreadGroups(Math.ceil(total / threads))
  const printer = new StatementPrinter(precision)
  const body = printer.block(kernel.body)
  const code = moduleText({
    printer: printer.scalars,
    buffers: kernel.buffers,
    numbers: kernel.parameters.length,
    outside: printer.shared,
    threads,
    body: [
      `let index = group.x + group.y * ${groups[0]}u;`,
      `let thread = index * ${threads}u + lane;`,
      // Threads that meet at barriers leave together.
      kernel.workgroup > 1
        ? `if (index >= ${Math.ceil(total / threads)}u) { return; }`
        : `if (thread >= ${total}u) { return; }`,
      ...gridText(kernel.grid, 'thread'),
      body,
    ],
  })
  return { shader: shaderOf(kernel, kernel.buffers, code), groups }
}

/** The parts of a module. */
export interface ModuleParts {
  readonly printer: ScalarPrinter
  readonly buffers: readonly KernelBuffer[]
  readonly numbers: number
  /** Declarations outside the function. */
  readonly outside: readonly string[]
  readonly threads: number
  readonly body: readonly string[]
}

/** The text of a module. */
export function moduleText({ printer, buffers, numbers, outside, threads, body }: ModuleParts): string {
  const bindings = buffers.map(
    ({ dtype, access }, i) =>
      `@group(0) @binding(${i}) var<storage, ${access === 'read' ? 'read' : 'read_write'}> b${i}: array<${typeOf(dtype)}>;`,
  )
  const uniform =
    numbers === 0
      ? []
      : [
          `struct Numbers { at: array<vec4<u32>, ${Math.ceil(numbers / 4)}> }`,
          `@group(0) @binding(${buffers.length}) var<uniform> numbers: Numbers;`,
        ]
  return [
    ...bindings,
    ...uniform,
    ...outside,
    libraryText(printer.used),
    `@compute @workgroup_size(${threads})`,
    'fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {',
    ...body,
    '}',
  ].join('\n')
}

/** A module with its bindings. */
export function shaderOf({ name, parameters }: ScalarKernel, buffers: readonly KernelBuffer[], code: string): Shader {
  return { name, code, bindings: buffers.map((b) => b.access), numbers: parameters.length }
}

/** Workgroups over two axes where one has not enough. */
export function spreadGroups(count: number): [number, number, number] {
  if (count <= MOST_GROUPS) return [count, 1, 1]
  const rows = Math.ceil(count / MOST_GROUPS)
  return [Math.ceil(count / rows), rows, 1]
}

/** The grid's indices from a flat one. */
export function gridText(grid: readonly number[], flat: string): string[] {
  let inner = 1
  return grid
    .map((n, axis) => ({ n, axis }))
    .reverse()
    .map(({ n, axis }) => {
      const from = inner === 1 ? flat : `${flat} / ${inner}u`
      inner *= Math.max(n, 1)
      return `let ${nameOf(`g${axis}`)} = i32(${axis === 0 ? from : `(${from}) % ${Math.max(n, 1)}u`});`
    })
}

/** Prints statements; workgroup arrays are collected for the module. */
export class StatementPrinter {
  readonly scalars: ScalarPrinter
  readonly shared: string[] = []

  constructor(precision: Precision) {
    this.scalars = new ScalarPrinter(precision)
  }

  block(statements: readonly Statement[]): string {
    return statements.map((s) => this.statement(s)).join('\n')
  }

  statement(s: Statement): string {
    const print = (e: Scalar) => this.scalars.print(e)
    switch (s.kind) {
      case 'declare':
        return `${s.mutable ? 'var' : 'let'} ${nameOf(s.name)}: ${typeOf(s.value.dtype)} = ${print(s.value)};`
      case 'assign':
        return `${nameOf(s.name)} = ${print(s.value)};`
      case 'store':
        return `b${s.buffer}[${print(s.index)}] = ${print(s.value)};`
      case 'storeLocal':
        return `${nameOf(s.array)}[${print(s.index)}] = ${print(s.value)};`
      case 'array': {
        const type = `array<${typeOf(s.dtype)}, ${s.length}>`
        if (s.space === 'private') return `var ${nameOf(s.name)}: ${type};`
        this.shared.push(`var<workgroup> ${nameOf(s.name)}: ${type};`)
        return ''
      }
      case 'loop':
        return this.loop(nameOf(s.name), print(s.start), print(s.end), `${s.step}`, this.block(s.body))
      case 'while':
        return `while (${print(s.condition)} != 0u) {\n${this.block(s.body)}\n}`
      case 'if': {
        const otherwise = s.otherwise.length === 0 ? '' : ` else {\n${this.block(s.otherwise)}\n}`
        return `if (${print(s.condition)} != 0u) {\n${this.block(s.then)}\n}${otherwise}`
      }
      case 'barrier':
        return 'workgroupBarrier();\nstorageBarrier();'
    }
  }

  loop(name: string, start: string, end: string, step: string, body: string): string {
    return `for (var ${name}: i32 = ${start}; ${name} < ${end}; ${name} += ${step}) {\n${body}\n}`
  }
}

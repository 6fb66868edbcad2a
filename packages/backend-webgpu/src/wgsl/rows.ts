// Prints kernels that reduce: a workgroup for each point of the grid, whose threads share its sweeps; few long rows are
// split over several workgroups, whose parts a second module joins.

import type { BinaryOp, KernelBuffer, Scalar, ScalarKernel, Statement } from '@adjoint/core'
import type { Precision } from '../api.js'
import { gridText, type Launch, moduleText, StatementPrinter, shaderOf, spreadGroups } from './kernel.js'
import { nameOf, typeOf } from './scalar.js'

type LoopStatement = Extract<Statement, { kind: 'loop' }>

/** A variable that a sweep accumulates in. */
interface Accumulator {
  readonly name: string
  readonly op: BinaryOp
  readonly total: Scalar
}

/** A sweep: a nest of loops, one of which the threads share. */
interface Sweep {
  readonly accumulators: readonly Accumulator[]
  readonly shared: LoopStatement
  readonly length: number
}

/** Modules that run one after the other; with parts, the first writes and the second reads `parts` words more. */
export interface RowLaunches {
  readonly launches: readonly Launch[]
  readonly parts: number
}

const SHORTEST = 64
/** Rows by the thread are better where there are many and neighbouring threads read neighbouring elements. */
const MANY_ROWS = 8192
/** Rows at which every part of a GPU has work, and elements worth a workgroup more. */
const ENOUGH_GROUPS = 512
const LONGEST_PART = 8192

/** The modules of a kernel whose sweeps are long enough for workgroups; undefined for others. */
export function printRows(kernel: ScalarKernel, precision: Precision, mostBuffers: number): RowLaunches | undefined {
  if (kernel.workgroup !== 1) return undefined
  const sweeps = new Map<Statement, Sweep>()
  for (const s of kernel.body) {
    if (s.kind === 'barrier' || s.kind === 'array' || s.kind === 'while' || s.kind === 'if') return undefined
    if (s.kind !== 'loop') continue
    const sweep = sweepOf(s, kernel.body)
    if (sweep === undefined) return undefined
    sweeps.set(s, sweep)
  }
  const all = [...sweeps.values()]
  const length = Math.max(0, ...all.map((s) => s.length))
  const rows = kernel.grid.reduce((a, b) => a * b, 1)
  if (length < SHORTEST || rows === 0 || (rows >= MANY_ROWS && !all.some(({ shared }) => alongMemory(shared))))
    return undefined
  const threads = length >= 1024 ? 256 : 64
  const parts = Math.min(Math.ceil(ENOUGH_GROUPS / rows), Math.ceil(length / LONGEST_PART))
  const splits = all.length === 1 && parts > 1 && all[0].accumulators.length > 0 && kernel.buffers.length < mostBuffers
  const print = { kernel, precision, sweeps, threads, rows }
  if (!splits) return { launches: [printWhole(print, 1, 'whole')], parts: 0 }
  return {
    launches: [printWhole(print, parts, 'parts'), printWhole(print, parts, 'join')],
    parts: rows * parts * all[0].accumulators.length,
  }
}

interface Print {
  readonly kernel: ScalarKernel
  readonly precision: Precision
  readonly sweeps: ReadonlyMap<Statement, Sweep>
  readonly threads: number
  readonly rows: number
}

function printWhole(
  { kernel, precision, sweeps, threads, rows }: Print,
  parts: number,
  role: 'whole' | 'parts' | 'join',
): Launch {
  const printer = new StatementPrinter(precision)
  const groups = spreadGroups(role === 'parts' ? rows * parts : rows)
  const extra: KernelBuffer = { dtype: 'uint32', size: 0, access: role === 'join' ? 'read' : 'write' }
  const at = kernel.buffers.length
  const buffers = role === 'whole' ? kernel.buffers : [...kernel.buffers, extra]
  const wide = role === 'parts' ? `${threads * parts}` : `${threads}`
  const body: string[] = [
    `let index = group.x + group.y * ${groups[0]}u;`,
    `if (index >= ${role === 'parts' ? rows * parts : rows}u) { return; }`,
    role === 'parts' ? `let row = index / ${parts}u;` : 'let row = index;',
    role === 'parts' ? `let place = i32((index % ${parts}u) * ${threads}u + lane);` : 'let place = i32(lane);',
    ...gridText(kernel.grid, 'row'),
  ]
  const types = new Set<'f32' | 'i32' | 'u32'>()
  const combine = (a: Accumulator, x: string, y: string) => printer.scalars.combine(a.op, x, y, a.total.dtype)
  const join = (a: Accumulator): string[] => {
    const type = typeOf(a.total.dtype)
    types.add(type)
    const name = nameOf(a.name)
    return [
      `shared_${type}[lane] = ${name};`,
      'workgroupBarrier();',
      `for (var half = ${threads / 2}u; half > 0u; half = half / 2u) {`,
      `  if (lane < half) { shared_${type}[lane] = ${combine(a, `shared_${type}[lane]`, `shared_${type}[lane + half]`)}; }`,
      '  workgroupBarrier();',
      '}',
      `${name} = shared_${type}[0];`,
      'workgroupBarrier();',
    ]
  }
  for (const s of kernel.body) {
    const sweep = sweeps.get(s)
    if (sweep === undefined) {
      if (s.kind === 'store') body.push(`if (lane == 0u) { ${printer.statement(s)} }`)
      else body.push(printer.statement(s))
      continue
    }
    const { accumulators } = sweep
    const count = accumulators.length
    if (role === 'join') {
      accumulators.forEach((a, i) => {
        const part = `b${at}[(row * ${parts}u + part) * ${count}u + ${i}u]`
        const value = typeOf(a.total.dtype) === 'u32' ? part : `bitcast<${typeOf(a.total.dtype)}>(${part})`
        body.push(
          `for (var part = lane; part < ${parts}u; part += ${threads}u) { ${nameOf(a.name)} = ${combine(a, nameOf(a.name), value)}; }`,
        )
      })
    } else body.push(printShared(printer, s as LoopStatement, sweep.shared, 'place', wide))
    for (const a of accumulators) body.push(...join(a))
    body.push('storageBarrier();')
    if (role !== 'parts') continue
    accumulators.forEach((a, i) => {
      const name = nameOf(a.name)
      const bits = typeOf(a.total.dtype) === 'u32' ? name : `bitcast<u32>(${name})`
      body.push(`if (lane == 0u) { b${at}[index * ${count}u + ${i}u] = ${bits}; }`)
    })
    break
  }
  const outside = [
    ...printer.shared,
    ...[...types].map((type) => `var<workgroup> shared_${type}: array<${type}, ${threads}>;`),
  ]
  const code = moduleText({
    printer: printer.scalars,
    buffers,
    numbers: kernel.parameters.length,
    outside,
    threads,
    body,
  })
  return { shader: shaderOf(kernel, buffers, code), groups }
}

/** A nest with its shared loop strided by the threads. */
function printShared(
  printer: StatementPrinter,
  s: LoopStatement,
  shared: LoopStatement,
  place: string,
  width: string,
): string {
  const print = (e: Scalar) => printer.scalars.print(e)
  const name = nameOf(s.name)
  if (s !== shared) {
    const inner = s.body.map((t) =>
      t.kind === 'loop' ? printShared(printer, t, shared, place, width) : printer.statement(t),
    )
    return printer.loop(name, print(s.start), print(s.end), `${s.step}`, inner.join('\n'))
  }
  const block = blockOf(s)
  if (block === undefined)
    return printer.loop(name, `${print(s.start)} + ${place}`, print(s.end), width, printer.block(s.body))
  // Blocks of neighbouring threads lie side by side: each thread's partial sum still has one block of elements.
  const window = `${s.step} * ${width}`
  const inside = s.body.map((t) =>
    t === block
      ? printer.loop(
          nameOf(block.name),
          `${name} + ${place}`,
          `min(${name} + ${window}, ${print(s.end)})`,
          width,
          printer.block(block.body),
        )
      : printer.statement(t),
  )
  return printer.loop(name, print(s.start), print(s.end), window, inside.join('\n'))
}

/** The loop inside one that walks in blocks. */
function blockOf(s: LoopStatement): LoopStatement | undefined {
  if (s.step === 1) return undefined
  return s.body.find((t): t is LoopStatement => t.kind === 'loop')
}

function sweepOf(loop: LoopStatement, body: readonly Statement[]): Sweep | undefined {
  const chain = chainOf(loop)
  if (chain === undefined) return undefined
  const accumulators = accumulatorsOf(loop, body)
  if (accumulators === undefined) return undefined
  const shared = chain.reduce((a, b) => (lengthOf(b) >= lengthOf(a) ? b : a))
  return { accumulators, shared, length: lengthOf(shared) }
}

/** Loops inside each other from the outermost in; a pair of loops that walks in blocks counts as one. */
function chainOf(loop: LoopStatement): LoopStatement[] | undefined {
  if (loop.start.op !== 'const' || loop.end.op !== 'const') return undefined
  const inner = loop.body.filter((t): t is LoopStatement => t.kind === 'loop')
  if (inner.length === 0 || loop.step !== 1) return [loop]
  const rest = inner.length === 1 ? chainOf(inner[0]) : undefined
  return rest === undefined ? undefined : [loop, ...rest]
}

function lengthOf({ start, end }: LoopStatement): number {
  return end.op === 'const' && start.op === 'const' ? end.value - start.value : 0
}

/** The variables of the outer block that a nest assigns; undefined where one is no plain accumulation. */
function accumulatorsOf(loop: LoopStatement, body: readonly Statement[]): Accumulator[] | undefined {
  const out: Accumulator[] = []
  for (const s of body) {
    if (s.kind !== 'declare' || !s.mutable) continue
    const assigns = assignmentsTo(s.name, loop.body)
    if (assigns.length === 0) continue
    const [value] = assigns
    const plain =
      assigns.length === 1 &&
      s.value.op === 'const' &&
      'args' in value &&
      value.args.length === 2 &&
      value.args[0].op === 'variable' &&
      value.args[0].name === s.name
    if (!plain) return undefined
    out.push({ name: s.name, op: value.op as BinaryOp, total: s.value })
  }
  return out
}

function assignmentsTo(name: string, statements: readonly Statement[]): Scalar[] {
  return statements.flatMap((s) => {
    if (s.kind === 'assign') return s.name === name ? [s.value] : []
    if (s.kind === 'loop' || s.kind === 'while') return assignmentsTo(name, s.body)
    return s.kind === 'if' ? assignmentsTo(name, [...s.then, ...s.otherwise]) : []
  })
}

/** Whether neighbouring steps of a loop read neighbouring elements. */
function alongMemory(loop: LoopStatement): boolean {
  const names = new Set([loop.name, blockOf(loop)?.name ?? loop.name])
  let found = false
  const isTerm = (e: Scalar): boolean =>
    (e.op === 'variable' && names.has(e.name)) || (e.op === 'add' && e.args.some(isTerm))
  const visit = (e: Scalar): void => {
    if (e.op === 'load') found ||= isTerm(e.index)
    if ('args' in e) e.args.forEach(visit)
  }
  const walk = (statements: readonly Statement[]): void => {
    for (const s of statements) {
      if ('value' in s) visit(s.value)
      if ('body' in s) walk(s.body)
    }
  }
  walk(loop.body)
  return found
}

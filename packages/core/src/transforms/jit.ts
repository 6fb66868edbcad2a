// jit: a function is traced once per signature of its arguments, compiled, and run as one piece.

import type { Backend } from '../backend/backend.js'
import { defaultBackend } from '../backend/current.js'
import { bind } from '../bind.js'
import { compileProgram, compileStats } from '../compile/executable.js'
import { identity, paramsKey } from '../compile/hash.js'
import { callPrimitive } from '../control/call.js'
import { cast } from '../functions/elementwise.js'
import { traceProgram } from '../program/trace.js'
import { runtime } from '../runtime.js'
import { isTensor, type Tensor } from '../tensor.js'
import type { Closed } from '../trace/record.js'
import {
  type ArgumentsOf,
  flatten,
  type Leaf,
  type Structure,
  structureKey,
  type TensorsOf,
  unflatten,
} from '../tree.js'
import { flattenFunction, leafTensor, weakDType } from './flat.js'

/** Options of `jit`. */
export interface JitOptions {
  /** Arguments that are not traced: other values compile anew. */
  readonly static?: readonly number[]
  /** Arguments whose storage the call takes for its results: reading them afterwards, or after it failed, is an error. Traced calls take nothing. */
  readonly donate?: readonly number[]
  /** Shown in profiles and errors. @defaultValue the function's name */
  readonly name?: string
}

/** What compilation has cost and saved. */
export interface JitStats {
  /** Functions traced. */
  readonly traces: number
  /** Programs compiled. */
  readonly compiles: number
  /** Programs whose structure had been compiled before. */
  readonly hits: number
  /** Time spent tracing functions, in milliseconds. */
  readonly traceMilliseconds: number
  /** Time spent compiling Programs, also those of derivatives and loops, in milliseconds. */
  readonly compileMilliseconds: number
}

interface Entry extends Closed {
  readonly result: Structure
}

const stats = { traces: 0, traceMilliseconds: 0 }

/**
 * The function, compiled. Under `grad`, `vmap` and other jits it behaves as the function itself.
 *
 * @param fn - pure: what it reads besides its arguments is fixed at the first call
 * @returns a function of the same arguments; traced anew for other structures, shapes, dtypes, backends and static values
 * @throws AdjointError `promise-in-trace`, `traced-value` when the function reads a value while it is traced
 * @example
 * const norm = jit((x: Tensor) => x.square().sum().sqrt())
 * norm(tensor([3, 4])).item()   // 5
 */
export function jit<A extends unknown[], R>(
  fn: (...args: A) => R,
  options: JitOptions = {},
): (...args: A | ArgumentsOf<A>) => TensorsOf<R> {
  const name = options.name ?? (fn.name || 'jit')
  const fixed = options.static ?? []
  const entries = new Map<string, Entry>()
  return (...args) => {
    const traced = args.map((arg, i) => (fixed.includes(i) ? null : arg))
    const { leaves, structure } = flatten(traced)
    const inputs = leaves.map(leafTensor)
    if (runtime.staging !== null) return restored(fn(...(args as unknown as A)))
    const backend = inputs.find((x) => x.literal === undefined)?.backend ?? defaultBackend()
    const key = signature(
      leaves,
      structure,
      backend,
      fixed.map((i) => args[i]),
    )
    let entry = entries.get(key)
    if (entry === undefined) {
      entry = traceEntry(name, fn, args, fixed, inputs, structure, backend)
      if (entry.captured.every((x) => x.trace === null)) entries.set(key, entry)
    }
    const { captured, program } = entry
    const operands = [...captured, ...inputs]
    // Derivatives may need what a traced call was given.
    const given = operands.every((x) => x.trace === null) ? (options.donate ?? []) : []
    const donated = donatedLeaves(args, given, captured.length)
    const outputs = bind(callPrimitive, operands, { name, program, donated })
    for (const i of given) donate(args[i], outputs)
    return unflatten(entry.result, outputs) as TensorsOf<R>
  }
}

function restored<R>(value: R): TensorsOf<R> {
  const { leaves, structure } = flatten(value)
  return unflatten(structure, leaves.map(leafTensor)) as TensorsOf<R>
}

function signature(leaves: readonly Leaf[], structure: Structure, backend: Backend, fixed: readonly unknown[]): string {
  let key = String(identity(backend))
  for (const leaf of leaves) key += isTensor(leaf) ? `|${leaf.weak ? 'n' : leaf.dtype}${leaf.shape}` : '|n'
  return `${key}|${structureKey(structure)}|${fixed.length === 0 ? '' : paramsKey(fixed)}`
}

function traceEntry(
  name: string,
  fn: (...args: never[]) => unknown,
  args: readonly unknown[],
  fixed: readonly number[],
  inputs: readonly Tensor[],
  structure: Structure,
  backend: Backend,
): Entry {
  const start = performance.now()
  stats.traces++
  const whole = (...traced: unknown[]) =>
    fn(...(traced.map((arg, i) => (fixed.includes(i) ? args[i] : arg)) as never[]))
  const flat = flattenFunction(name, whole, structure)
  const avals = inputs.map(({ shape, dtype, weak }) => ({ shape, dtype: weak ? weakDType() : dtype, weak }))
  const closed = traceProgram((xs) => flat.fn(xs).map((y) => (y.weak ? strong(y) : y)), avals, backend)
  stats.traceMilliseconds += performance.now() - start
  if (closed.captured.every((x) => x.trace === null)) compileProgram(closed.program, backend)
  return { ...closed, result: flat.result() }
}

/** A number that leaves a compiled function is a float32 tensor. */
function strong(x: Tensor): Tensor {
  return cast(x, 'float32')
}

/** Where the leaves of donated arguments stand among the inputs of the call. */
function donatedLeaves(args: readonly unknown[], donated: readonly number[], first: number): number[] {
  if (donated.length === 0) return []
  let next = first
  return args.flatMap((arg, i) => {
    const own = flatten(arg).leaves.map(() => next++)
    return donated.includes(i) ? own : []
  })
}

function donate(arg: unknown, outputs: readonly Tensor[]): void {
  const kept = new Set(outputs.map((out) => out.buffer))
  for (const leaf of flatten(arg).leaves) {
    if (isTensor(leaf) && leaf.buffer !== null && !kept.has(leaf.buffer)) leaf.buffer.release('donated')
  }
}

/** What jit has done since the program started. */
jit.stats = (): JitStats => ({ ...stats, ...compileStats })

// Control flow for users: branches and loops that run as JavaScript while values can be read, and compile elsewhere.

import type { Backend } from '../backend/backend.js'
import { defaultBackend } from '../backend/current.js'
import { bind } from '../bind.js'
import { isFloat } from '../dtype.js'
import { AdjointError } from '../error.js'
import { and, lt, stopGradient, where } from '../functions/elementwise.js'
import { stack } from '../functions/movement.js'
import { evaluateProgram } from '../program/evaluate.js'
import { newVariable, type Program } from '../program/program.js'
import { traceProgram } from '../program/trace.js'
import { isReadable } from '../reading.js'
import { runtime } from '../runtime.js'
import { type Aval, formatAval } from '../shape.js'
import { literalTensor, type Tensor } from '../tensor.js'
import type { Closed } from '../trace/record.js'
import { checkpoint } from '../transforms/checkpoint.js'
import { flattenFunction, leafTensor } from '../transforms/flat.js'
import { flatten, type Structure, structureKey, type TensorsOf, unflatten } from '../tree.js'
import { condPrimitive } from './cond.js'
import { checkLoopTypes, scanPrimitive } from './scan.js'
import { whilePrimitive } from './while.js'

function backendOf(leaves: readonly Tensor[]) {
  return leaves.find((x) => x.trace !== null || x.buffer !== null)?.backend ?? defaultBackend()
}

function asScalar<T extends Aval>(fn: string, pred: T): T {
  if (pred.dtype === 'bool' && pred.shape.length === 0) return pred
  throw new AdjointError('shape-mismatch', {
    fn,
    given: `a condition ${formatAval(pred)}`,
    expected: 'bool[]',
    fix: 'Compare to get a bool and reduce it with any() or all()',
  })
}

/** Traces a function of pytrees; returns it closed, with the structure of its result. */
function traceTree(
  name: string,
  fn: (...args: never[]) => unknown,
  structure: Structure,
  leaves: readonly Tensor[],
): Closed & { result: Structure } {
  const flat = flattenFunction(name, fn, structure)
  const avals = leaves.map(({ shape, dtype, weak }) => ({ shape, dtype, weak }))
  return { ...traceProgram(flat.fn, avals, backendOf(leaves)), result: flat.result() }
}

/** The Program with unused inputs before and after its captured ones. */
function amongInputs({ program, captured }: Closed, before: readonly Tensor[], after: readonly Tensor[]): Program {
  return {
    ...program,
    inputs: [
      ...before.map(newVariable),
      ...program.inputs.slice(0, captured.length),
      ...after.map(newVariable),
      ...program.inputs.slice(captured.length),
    ],
  }
}

/** Numbers at the leaves become tensors: loop state has a fixed dtype. */
function stateTensor(leaf: Tensor | number): Tensor {
  const x = leafTensor(leaf)
  return x.weak ? x.cast('float32') : x
}

/**
 * One of two branches, by a scalar condition. Only the chosen one runs, except under a vmap that batches the condition.
 *
 * @param pred - bool scalar tensor, or a JavaScript boolean
 * @param onTrue - called with the operands; both branches return the same structure, shapes and dtypes
 * @throws AdjointError `shape-mismatch` for another condition; `loop-changed-type` when the branches differ
 * @example
 * const abs = (x: Tensor) => cond(x.lt(0), (t: Tensor) => t.neg(), (t: Tensor) => t, x)
 * abs(tensor(-2)).item()   // 2
 */
export function cond<A extends unknown[], R>(
  pred: Tensor | boolean,
  onTrue: (...operands: A) => R,
  onFalse: (...operands: A) => R,
  ...operands: A
): TensorsOf<R> {
  const { leaves, structure } = flatten(operands)
  const inputs = leaves.map(leafTensor)
  if (typeof pred === 'boolean' || (runtime.staging === null && isReadable(asScalar('cond', pred)))) {
    const flag = typeof pred === 'boolean' ? pred : pred.item() !== 0
    const flat = flattenFunction('cond', flag ? onTrue : onFalse, structure)
    return unflattened(flat.fn(inputs), flat.result()) as TensorsOf<R>
  }
  asScalar('cond', pred)
  const a = traceTree('cond', onTrue, structure, inputs)
  const b = traceTree('cond', onFalse, structure, inputs)
  checkSame('cond', a.result, b.result)
  const [yes, no] = [numbersLike(a, b, pred.backend), numbersLike(b, a, pred.backend)]
  checkLoopTypes('cond', yes.program.outputs, no.program.outputs)
  const results = bind(condPrimitive, [pred, ...a.captured, ...b.captured, ...inputs], {
    onTrue: amongInputs(yes, [], b.captured),
    onFalse: amongInputs(no, a.captured, []),
  })
  return unflatten(a.result, results) as TensorsOf<R>
}

/** A branch that gives numbers where the other gives tensors: they take the tensors' dtype. */
function numbersLike(branch: Closed, other: Closed, backend: Backend): Closed {
  const { program } = branch
  const types = other.program.outputs
  const wanted = program.outputs.map((y, i) => {
    const takes = isFloat(types[i].dtype) || (y.kind === 'literal' && Number.isInteger(y.value))
    return y.weak === true && types[i].weak !== true && takes
  })
  if (!wanted.includes(true)) return branch
  const cast = (y: Tensor, i: number) => (wanted[i] ? y.cast(types[i].dtype) : y)
  const closed = traceProgram((xs) => evaluateProgram(program, xs).map(cast), program.inputs, backend)
  return { ...branch, program: closed.program }
}

function unflattened(leaves: readonly Tensor[], structure: Structure): unknown {
  return unflatten(structure, leaves)
}

function checkSame(fn: string, before: Structure, after: Structure): void {
  const [a, b] = [structureKey(before), structureKey(after)]
  if (a === b) return
  throw new AdjointError('loop-changed-type', {
    fn,
    given: `structures ${a} and ${b}`,
    expected: 'one structure',
    fix: 'Return the same fields and list lengths every time',
  })
}

/** What `whileLoop` needs. */
export interface WhileOptions<S> {
  /** Whether to go on: a bool scalar of the state. */
  readonly cond: (state: S) => Tensor
  /** The next state: the same structure, shapes and dtypes. */
  readonly body: (state: S) => S
  /** The state at the start. */
  readonly init: S
  /** Stop after as many steps. @defaultValue no limit */
  readonly maxSteps?: number
  /** Make it differentiable in reverse mode, at the cost of always running `maxSteps` masked steps when compiled. @defaultValue false */
  readonly reverse?: boolean
}

/**
 * Repeats a step while a condition on the state holds.
 *
 * Forward mode works; for reverse mode pass `reverse: true` and `maxSteps`: compiled, it becomes a masked scan with
 * recursive checkpointing. Under vmap each lane runs to its own end.
 *
 * @throws AdjointError `loop-changed-type` when the body changes the state's type; `missing-argument` for `reverse` without `maxSteps`
 * @example
 * const { x } = whileLoop({ cond: (s) => s.x.lt(100), body: (s) => ({ x: s.x.mul(2) }), init: { x: tensor(1) } })
 * x.item()   // 128
 */
export function whileLoop<S>({ cond: goesOn, body, init, maxSteps, reverse = false }: WhileOptions<S>): TensorsOf<S> {
  if (reverse && maxSteps === undefined) {
    throw new AdjointError('missing-argument', {
      fn: 'whileLoop',
      given: 'reverse: true without maxSteps',
      expected: 'a bound on the steps',
      fix: 'Pass maxSteps: memory and time grow with it',
    })
  }
  const { leaves, structure } = flatten(init)
  let state = leaves.map(stateTensor)
  const limit = maxSteps ?? Infinity
  const test = flattenFunction('whileLoop', goesOn, { kind: 'array', children: [structure] })
  const step = flattenFunction('whileLoop', body, { kind: 'array', children: [structure] })
  for (let i = 0; i < limit; i++) {
    if (runtime.staging !== null)
      return unflatten(structure, staged(goesOn, body, structure, state, limit - i, reverse)) as TensorsOf<S>
    const [flag] = test.fn(state)
    if (!isReadable(asScalar('whileLoop', flag)))
      return unflatten(structure, staged(goesOn, body, structure, state, limit - i, reverse)) as TensorsOf<S>
    if (flag.item() === 0) break
    const next = step.fn(state)
    checkSame('whileLoop', structure, step.result())
    checkLoopTypes('whileLoop', state, next)
    state = [...next]
  }
  return unflatten(structure, state) as TensorsOf<S>
}

function staged<S>(
  goesOn: (state: S) => Tensor,
  body: (state: S) => S,
  structure: Structure,
  state: readonly Tensor[],
  limit: number,
  reverse: boolean,
): readonly Tensor[] {
  if (reverse) return maskedScan(goesOn, body, structure, state, limit)
  const args: Structure = { kind: 'array', children: [structure] }
  const condition = traceTree('whileLoop', goesOn, args, state)
  asScalar('whileLoop', condition.program.outputs[0])
  const step = traceTree('whileLoop', body, args, state)
  checkSame('whileLoop', structure, step.result)
  checkLoopTypes('whileLoop', state, step.program.outputs)
  return bind(whilePrimitive, [...condition.captured, ...step.captured, ...state], {
    cond: condition.program,
    body: step.program,
    condConsts: condition.captured.length,
    bodyConsts: step.captured.length,
    maxSteps: Number.isFinite(limit) ? limit : null,
  })
}

/** Steps of a scan before it is nested: memory grows with the logarithm of the length. */
const SEGMENT = 16

/** The loop as a scan of fixed length in which finished states stay; segments are recomputed on the way back. */
function maskedScan<S>(
  goesOn: (state: S) => Tensor,
  body: (state: S) => S,
  structure: Structure,
  start: readonly Tensor[],
  limit: number,
): readonly Tensor[] {
  const args: Structure = { kind: 'array', children: [structure] }
  const test = flattenFunction('whileLoop', goesOn, args)
  const step = flattenFunction('whileLoop', body, args)
  const safe = start.map(stopGradient)
  const one = (carry: Tensor[]): Tensor[] => {
    const [count, ...state] = carry
    const going = and(asScalar('whileLoop', test.fn(state)[0]), lt(count, limit))
    // A finished state may lie where the body's derivative is infinite, and 0 times that is NaN: step from the start.
    const next = step.fn(state.map((x, i) => where(going, x, safe[i])))
    checkSame('whileLoop', structure, step.result())
    checkLoopTypes('whileLoop', state, next)
    return [count.add(1), ...next.map((y, i) => where(going, y, state[i]))]
  }
  const repeat = (times: number, carry: Tensor[]): Tensor[] => {
    if (times <= SEGMENT) return scan((c: Tensor[]) => [one(c), null] as const, carry, null, { length: times }).carry
    const segments = Math.ceil(times / SEGMENT)
    const inner = checkpoint((c: Tensor[]) => repeatInner(SEGMENT, c))
    return segments <= SEGMENT
      ? scan((c: Tensor[]) => [inner(c), null] as const, carry, null, { length: segments }).carry
      : repeatNested(times, carry)
  }
  const repeatInner = (times: number, carry: Tensor[]): Tensor[] => repeat(times, carry)
  const repeatNested = (times: number, carry: Tensor[]): Tensor[] => {
    const size = SEGMENT ** Math.floor(Math.log(times - 1) / Math.log(SEGMENT))
    const inner = checkpoint((c: Tensor[]) => repeat(size, c))
    return scan((c: Tensor[]) => [inner(c), null] as const, carry, null, { length: Math.ceil(times / size) }).carry
  }
  return repeat(limit, [literalTensor(0, 'int32'), ...start]).slice(1)
}

/** Options of `scan`. */
export interface ScanOptions {
  /** Number of steps, where `xs` has no leaves to tell. */
  readonly length?: number
  /** From the last element to the first. @defaultValue false */
  readonly reverse?: boolean
}

/**
 * A loop over the leading axis of `xs` that carries state and stacks what each step returns.
 *
 * @param body - `(carry, x) => [carry, y]`; the carry keeps its structure, shapes and dtypes
 * @param xs - a pytree whose leaves share a leading length, or `null` with `length`
 * @returns the last carry and the stacked ys, `[length, ...]`
 * @throws AdjointError `loop-changed-type`, `shape-mismatch` when leading lengths differ
 * @example
 * const { carry, ys } = scan((sum: Tensor, x: Tensor) => [sum.add(x), sum] as const, tensor(0), tensor([1, 2, 3]))
 * carry.item()   // 6; ys is [0, 1, 3]
 */
export function scan<C, X, Y>(
  body: (carry: C, x: X) => readonly [C, Y],
  carry: C,
  xs: X,
  { length, reverse = false }: ScanOptions = {},
): { carry: TensorsOf<C>; ys: TensorsOf<Y> } {
  const from = flatten(carry)
  const over = flatten(xs)
  const start = from.leaves.map(stateTensor)
  const columns = over.leaves.map(leafTensor)
  const steps = scanLength(columns, length)
  const args: Structure = { kind: 'array', children: [from.structure, over.structure] }
  const js = runtime.staging === null && backendOf([...start, ...columns]).sync && steps > 0
  const work: ScanWork = { body, structure: from.structure, args, start, columns, steps, reverse }
  return (js ? eagerScan(work) : stagedScan(work)) as never
}

function scanLength(columns: readonly Tensor[], length: number | undefined): number {
  const lengths = [...columns.map((x) => x.shape[0] ?? -1), ...(length === undefined ? [] : [length])]
  const [first] = lengths
  if (first === undefined || lengths.some((n) => n !== first || n < 0 || !Number.isInteger(n))) {
    throw new AdjointError('shape-mismatch', {
      fn: 'scan',
      given:
        columns.length === 0 ? `length ${length}` : `xs ${columns.map(formatAval).join(', ')} and length ${length}`,
      expected: 'one leading length',
      fix: 'Give every leaf of xs the same leading axis, or pass { length }',
    })
  }
  return first
}

function split(result: Structure): [carry: Structure, y: Structure] {
  if (result.kind !== 'array' || result.children.length !== 2) {
    throw new AdjointError('loop-changed-type', {
      fn: 'scan',
      given: 'a body that returns no pair',
      expected: '[carry, y]',
    })
  }
  return [result.children[0], result.children[1]]
}

/** A scan with its arguments taken apart. */
interface ScanWork {
  readonly body: (...args: never[]) => unknown
  /** Structure of the carry, and of carry and element together. */
  readonly structure: Structure
  readonly args: Structure
  readonly start: readonly Tensor[]
  readonly columns: readonly Tensor[]
  readonly steps: number
  readonly reverse: boolean
}

function eagerScan({ body, structure, args, start, columns, steps, reverse }: ScanWork) {
  const flat = flattenFunction('scan', body, args)
  let state: readonly Tensor[] = start
  const rows: (readonly Tensor[])[] = []
  for (let i = 0; i < steps; i++) {
    const at = reverse ? steps - 1 - i : i
    const results = flat.fn([...state, ...columns.map((x) => x.slice(at))])
    const next = results.slice(0, state.length)
    checkSame('scan', structure, split(flat.result())[0])
    checkLoopTypes('scan', state, next)
    state = next
    rows[at] = results.slice(state.length)
  }
  const ys = rows[0].map((_, k) => stack(rows.map((row) => row[k])))
  return { carry: unflatten(structure, state), ys: unflatten(split(flat.result())[1], ys) }
}

function stagedScan({ body, structure, args, start, columns, steps, reverse }: ScanWork) {
  const flat = flattenFunction('scan', body, args)
  const avals: Aval[] = [...start, ...columns.map(({ shape, dtype }) => ({ shape: shape.slice(1), dtype }))]
  const closed = traceProgram(flat.fn, avals, backendOf([...start, ...columns]))
  const [carryStructure, yStructure] = split(flat.result())
  checkSame('scan', structure, carryStructure)
  checkLoopTypes('scan', start, closed.program.outputs.slice(0, start.length))
  const results = bind(scanPrimitive, [...closed.captured, ...start, ...columns], {
    body: closed.program,
    consts: closed.captured.length,
    carry: start.length,
    length: steps,
    reverse,
  })
  return {
    carry: unflatten(structure, results.slice(0, start.length)),
    ys: unflatten(yStructure, results.slice(start.length)),
  }
}

/**
 * A counted loop: `body(i, state)` for i from `lower` up to, not including, `upper`; `i` is an int32 scalar.
 *
 * @example
 * fori(0, 4, (i: Tensor, sum: Tensor) => sum.add(i.cast('float32')), tensor(0)).item()   // 6
 */
export function fori<S>(lower: number, upper: number, body: (i: Tensor, state: S) => S, init: S): TensorsOf<S> {
  const { state } = scan(
    ({ i, state: current }: { i: Tensor; state: S }) => [{ i: i.add(1), state: body(i, current) }, null] as const,
    { i: literalTensor(lower, 'int32'), state: init },
    null,
    { length: Math.max(0, upper - lower) },
  ).carry as { state: TensorsOf<S> }
  return state
}

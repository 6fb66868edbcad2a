// Control flow for users: branches and loops that run as JavaScript while values can be read, and compile elsewhere.

import type { Backend } from '../backend/backend.js'
import { bind } from '../bind.js'
import { isFloat } from '../dtype.js'
import { AdjointError } from '../error.js'
import { and, lt, stopGradient, where } from '../functions/elementwise.js'
import { stack } from '../functions/movement.js'
import { evaluateProgram } from '../program/evaluate.js'
import { newVariable, type Program } from '../program/program.js'
import { type FlatFunction, traceProgram } from '../program/trace.js'
import { isReadable } from '../reading.js'
import { runtime } from '../runtime.js'
import { type Aval, formatAval } from '../shape.js'
import { literalTensor, type Tensor } from '../tensor.js'
import type { Closed } from '../trace/record.js'
import { checkpoint } from '../transforms/checkpoint.js'
import { flattenFunction, leafTensor } from '../transforms/flat.js'
import { backendOf, traceFunction } from '../transforms/traced.js'
import { flatten, type Structure, structureKey, type TensorsOf, unflatten } from '../tree.js'
import { condPrimitive } from './cond.js'
import { checkLoopTypes, scanPrimitive } from './scan.js'
import { whilePrimitive } from './while.js'

function asScalar<T extends Aval>(fn: string, pred: T): T {
  if (pred.dtype === 'bool' && pred.shape.length === 0) return pred
  throw new AdjointError('shape-mismatch', {
    fn,
    given: `a condition ${formatAval(pred)}`,
    expected: 'bool[]',
    fix: 'Compare to get a bool and reduce it with any() or all()',
  })
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
  if (typeof pred === 'boolean' || (runtime.staging === null && isReadable(asScalar('cond', pred)))) {
    const flag = typeof pred === 'boolean' ? pred : pred.item() !== 0
    const { leaves, structure } = flatten(operands)
    const branch = flattenFunction('cond', flag ? onTrue : onFalse, structure)
    const results = branch.fn(leaves.map(leafTensor))
    return unflatten(branch.result(), results) as TensorsOf<R>
  }
  asScalar('cond', pred)
  const a = traceFunction('cond', onTrue, operands)
  const b = traceFunction('cond', onFalse, operands)
  checkSame('cond', a.result, b.result)
  const [yes, no] = [numbersLike(a, b, pred.backend), numbersLike(b, a, pred.backend)]
  checkLoopTypes('cond', yes.program.outputs, no.program.outputs)
  const results = bind(condPrimitive, [pred, ...a.captured, ...b.captured, ...a.inputs], {
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

function checkSame(fn: string, before: Structure, after: Structure): void {
  const [a, b] = [structureKey(before), structureKey(after)]
  if (a === b) return
  throw new AdjointError('loop-changed-type', {
    fn,
    given: `structures ${a} and ${b}`,
    expected: 'one structure',
    fix: 'Return the same fields every time',
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
      fix: 'Pass maxSteps; memory and time grow with it',
    })
  }
  const { leaves, structure } = flatten(init)
  const loop = flatLoop(goesOn, body, structure)
  const limit = maxSteps ?? Infinity
  let state: readonly Tensor[] = leaves.map(stateTensor)
  for (let i = 0; i < limit; i++) {
    const flag = runtime.staging === null ? loop.test(state) : null
    if (flag === null || !isReadable(flag)) {
      const run = reverse ? maskedScan : stagedLoop
      state = run(loop, state, limit - i)
      break
    }
    if (flag.item() === 0) break
    state = loop.step(state)
  }
  return unflatten(structure, state) as TensorsOf<S>
}

/** A loop's condition and step over flat states, checked at each call. */
interface FlatLoop {
  test(state: readonly Tensor[]): Tensor
  step(state: readonly Tensor[]): readonly Tensor[]
}

function flatLoop<S>(goesOn: (state: S) => Tensor, body: (state: S) => S, structure: Structure): FlatLoop {
  const args: Structure = { kind: 'array', children: [structure] }
  const condition = flattenFunction('whileLoop', goesOn, args)
  const next = flattenFunction('whileLoop', body, args)
  return {
    test: (state) => asScalar('whileLoop', condition.fn([...state])[0]),
    step: (state) => {
      const results = next.fn([...state])
      checkSame('whileLoop', structure, next.result())
      checkLoopTypes('whileLoop', state, results)
      return results
    },
  }
}

function stagedLoop({ test, step }: FlatLoop, state: readonly Tensor[], limit: number): readonly Tensor[] {
  const backend = backendOf(state)
  const cond = traceProgram((xs) => [test(xs)], state, backend)
  const body = traceProgram(step, state, backend)
  return bind(whilePrimitive, [...cond.captured, ...body.captured, ...state], {
    cond: cond.program,
    body: body.program,
    condConsts: cond.captured.length,
    bodyConsts: body.captured.length,
    maxSteps: Number.isFinite(limit) ? limit : null,
  })
}

/** Steps of a scan before it is nested: memory grows with the logarithm of the length. */
const SEGMENT = 16

/** The loop as a scan of fixed length in which finished states stay; segments are recomputed on the way back. */
function maskedScan({ test, step }: FlatLoop, start: readonly Tensor[], limit: number): readonly Tensor[] {
  const safe = start.map(stopGradient)
  const one = ([count, ...state]: Tensor[]): Tensor[] => {
    const going = and(test(state), lt(count, limit))
    // A finished state may lie where the body's derivative is infinite, and 0 times that is NaN: step from the start.
    const next = step(state.map((x, i) => where(going, x, safe[i])))
    return [count.add(1), ...next.map((y, i) => where(going, y, state[i]))]
  }
  const steps = (fn: (carry: Tensor[]) => Tensor[], length: number, carry: Tensor[]): Tensor[] =>
    scan((c: Tensor[]) => [fn(c), null] as const, carry, null, { length }).carry
  const repeat = (times: number, carry: Tensor[]): Tensor[] => {
    if (times <= SEGMENT) return steps(one, times, carry)
    const size = SEGMENT ** Math.floor(Math.log(times - 1) / Math.log(SEGMENT))
    const segment = checkpoint((c: Tensor[]) => repeat(size, c))
    return steps(segment, Math.ceil(times / size), carry)
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
  const flat = flattenFunction('scan', body, { kind: 'array', children: [from.structure, over.structure] })
  const step: FlatFunction = (inputs) => {
    const results = flat.fn(inputs)
    checkSame('scan', from.structure, split(flat.result())[0])
    checkLoopTypes('scan', inputs.slice(0, start.length), results.slice(0, start.length))
    return results
  }
  const js = runtime.staging === null && backendOf([...start, ...columns]).sync && steps > 0
  const run = js ? eagerScan : stagedScan
  const { state, ys } = run({ step, start, columns, steps, reverse })
  return {
    carry: unflatten(from.structure, state) as TensorsOf<C>,
    ys: unflatten(split(flat.result())[1], ys) as TensorsOf<Y>,
  }
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
      fix: 'Give all of xs one leading axis, or pass { length }',
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
  /** carry, element -> next carry, y; checked. */
  readonly step: FlatFunction
  readonly start: readonly Tensor[]
  readonly columns: readonly Tensor[]
  readonly steps: number
  readonly reverse: boolean
}

interface ScanResults {
  readonly state: readonly Tensor[]
  readonly ys: readonly Tensor[]
}

function eagerScan({ step, start, columns, steps, reverse }: ScanWork): ScanResults {
  let state = start
  const rows: (readonly Tensor[])[] = []
  for (let i = 0; i < steps; i++) {
    const at = reverse ? steps - 1 - i : i
    const results = step([...state, ...columns.map((x) => x.slice(at))])
    state = results.slice(0, start.length)
    rows[at] = results.slice(start.length)
  }
  return { state, ys: rows[0].map((_, k) => stack(rows.map((row) => row[k]))) }
}

function stagedScan({ step, start, columns, steps: length, reverse }: ScanWork): ScanResults {
  const avals: Aval[] = [...start, ...columns.map(({ shape, dtype }) => ({ shape: shape.slice(1), dtype }))]
  const { program: body, captured } = traceProgram(step, avals, backendOf([...start, ...columns]))
  const [consts, carry] = [captured.length, start.length]
  const results = bind(scanPrimitive, [...captured, ...start, ...columns], { body, consts, carry, length, reverse })
  return { state: results.slice(0, carry), ys: results.slice(carry) }
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

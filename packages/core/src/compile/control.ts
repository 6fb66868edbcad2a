// The steps of control flow: branches and loops run compiled bodies, reading predicates as the backend allows.

import type { Backend } from '../backend/backend.js'
import type { KernelCall, Storage } from '../backend/kernel.js'
import { findKernel } from '../backend/lookup.js'
import { newArray } from '../dtype.js'
import { inOrder, type Maybe, orUndo, whenReady } from '../maybe.js'
import type { Primitive } from '../primitive.js'
import { dynamicSlicePrimitive } from '../primitives/dynamic.js'
import { concatPrimitive } from '../primitives/movement.js'
import type { Equation, Program } from '../program/program.js'
import { type Aval, sizeOf } from '../shape.js'
import { type Executable, executableOf } from './executable.js'
import { literalValues } from './hash.js'
import type { RunStep, Slots } from './slots.js'
import { copyStorage, operandReader } from './steps.js'

/** A nested Program with the place of its numbers. */
interface Body {
  readonly executable: Executable
  scalars(all: readonly number[]): readonly number[]
}

/** Computes the outputs of a control-flow equation from its operands; fresh storages. */
type Control = (operands: readonly Storage[], scalars: readonly number[]) => Maybe<readonly Storage[]>

/** Runs cond, while or scan. */
export function controlStep(equation: Equation, slots: Slots): RunStep {
  const read = operandReader(equation, slots)
  const writes = equation.outputs.map((v) => slots.of(v))
  const run = controlOf(equation, bodiesOf(equation, slots), slots.backend)
  return {
    reads: read.reads,
    writes,
    run: (frame) => {
      const operands = read.storages(frame)
      const ran = orUndo(
        () => run(operands, frame.scalars),
        () => read.release(operands),
      )
      return whenReady(ran, (results) =>
        whenReady(ownStorages(slots.backend, results, operands, equation.outputs), (storages) => {
          writes.forEach((slot, i) => {
            frame.storages[slot] = storages[i]
          })
          read.release(operands)
        }),
      )
    },
  }
}

function bodiesOf(equation: Equation, slots: Slots): (key: string) => Body {
  const bodies = new Map<string, Body>()
  let start = slots.nestedStart(equation)
  for (const key of Object.keys(equation.params).sort()) {
    const program = (equation.params as Record<string, unknown>)[key] as Program
    if (typeof program !== 'object' || program === null || !('equations' in program)) continue
    const [from, to] = [start, start + literalValues(program).length]
    bodies.set(key, { executable: executableOf(program, slots.backend), scalars: (all) => all.slice(from, to) })
    start = to
  }
  return (key) => bodies.get(key) as Body
}

function controlOf({ primitive, params }: Equation, body: (key: string) => Body, backend: Backend): Control {
  switch (primitive.name) {
    case 'cond':
      return branch(body('onTrue'), body('onFalse'), backend)
    case 'recompute': {
      const { executable, scalars } = body('body')
      return (operands, all) => executable.run(operands, scalars(all))
    }
    case 'while':
      return whileControl(body('cond'), body('body'), params as WhileCounts, backend)
    default:
      return scanControl(body('body'), params as ScanCounts, backend)
  }
}

/** Results that are an operand's own storage, or stand twice, are copied. */
function ownStorages(
  backend: Backend,
  results: readonly Storage[],
  operands: readonly Storage[],
  types: readonly Aval[],
): Maybe<Storage[]> {
  const taken = new Set(operands)
  const out: Maybe<Storage>[] = results.map((storage, i) => {
    if (taken.has(storage)) return copyStorage(backend, storage, types[i])
    taken.add(storage)
    return storage
  })
  return inOrder(out)
}

function readFlag(backend: Backend, storage: Storage): Maybe<boolean> {
  return whenReady(backend.read(storage, 'bool', 1), (data) => data[0] !== 0)
}

function branch(onTrue: Body, onFalse: Body, backend: Backend): Control {
  return ([pred, ...operands], scalars) =>
    whenReady(readFlag(backend, pred), (flag) => {
      const { executable, scalars: own } = flag ? onTrue : onFalse
      return executable.run(operands, own(scalars))
    })
}

interface WhileCounts {
  readonly condConsts: number
  readonly bodyConsts: number
  readonly maxSteps: number | null
}

function whileControl(
  cond: Body,
  body: Body,
  { condConsts, bodyConsts, maxSteps }: WhileCounts,
  backend: Backend,
): Control {
  return (operands, scalars) => {
    const forCond = operands.slice(0, condConsts)
    const forBody = operands.slice(condConsts, condConsts + bodyConsts)
    const borrowed = new Set(operands)
    const [condScalars, bodyScalars] = [cond.scalars(scalars), body.scalars(scalars)]
    const goesOn = (state: readonly Storage[]): Maybe<boolean> =>
      whenReady(cond.executable.run([...forCond, ...state], condScalars), ([flag]) =>
        whenReady(readFlag(backend, flag), (value) => {
          if (cond.executable.aliases[0] === undefined) backend.release?.(flag)
          return value
        }),
      )
    const advance = (state: readonly Storage[]): Maybe<readonly Storage[]> =>
      whenReady(
        orUndo(
          () => body.executable.run([...forBody, ...state], bodyScalars),
          () => releaseOld(backend, state, [], borrowed),
        ),
        (next) => {
          releaseOld(backend, state, next, borrowed)
          return next
        },
      )
    return repeat(operands.slice(condConsts + bodyConsts), maxSteps ?? Infinity, goesOn, advance)
  }
}

/** Steps until the predicate fails; becomes asynchronous at the first step that is. */
function repeat<S>(
  start: S,
  most: number,
  goesOn: (state: S) => Maybe<boolean>,
  advance: (state: S) => Maybe<S>,
  done = 0,
): Maybe<S> {
  let state = start
  for (let step = done; step < most; step++) {
    const more = goesOn(state)
    if (more instanceof Promise) {
      const current = state
      return more.then((yes) =>
        yes ? whenReady(advance(current), (next) => repeat(next, most, goesOn, advance, step + 1)) : current,
      )
    }
    if (!more) return state
    const next = advance(state)
    if (next instanceof Promise) return next.then((value) => repeat(value, most, goesOn, advance, step + 1))
    state = next
  }
  return state
}

function releaseOld(
  backend: Backend,
  before: readonly Storage[],
  after: readonly Storage[],
  borrowed: ReadonlySet<Storage>,
): void {
  if (backend.release === undefined) return
  for (const storage of new Set(before))
    if (!borrowed.has(storage) && !after.includes(storage)) backend.release(storage)
}

interface ScanCounts {
  readonly body: Program
  readonly consts: number
  readonly carry: number
  readonly length: number
  readonly reverse: boolean
}

interface ScanState {
  readonly carry: readonly Storage[]
  readonly ys: readonly Storage[][]
}

function scanControl(step: Body, { body, consts, carry, length, reverse }: ScanCounts, backend: Backend): Control {
  const xTypes = body.inputs.slice(consts + carry)
  const yTypes = body.outputs.slice(carry)
  const slicers = xTypes.map((type) => slicer(backend, type, length))
  return (operands, scalars) => {
    const fixed = operands.slice(0, consts)
    const xs = operands.slice(consts + carry)
    const borrowed = new Set(operands)
    const own = step.scalars(scalars)
    let index = 0
    const advance = (state: ScanState): Maybe<ScanState> => {
      const at = reverse ? length - 1 - index : index
      index++
      return whenReady(inOrder(slicers.map((slice, k) => slice(xs[k], at))), (parts) =>
        whenReady(step.executable.run([...fixed, ...state.carry, ...parts], own), (results) =>
          whenReady(
            inOrder(
              results
                .slice(carry)
                .map((y, k) =>
                  step.executable.aliases[carry + k] === undefined ? y : copyStorage(backend, y, yTypes[k]),
                ),
            ),
            (ys) => {
              const next = results.slice(0, carry)
              releaseOld(backend, [...state.carry, ...parts], next, borrowed)
              ys.forEach((y, k) => {
                state.ys[k].push(y)
              })
              return { carry: next, ys: state.ys }
            },
          ),
        ),
      )
    }
    const start: ScanState = { carry: operands.slice(consts, consts + carry), ys: yTypes.map(() => []) }
    return whenReady(
      repeat(start, length, () => true, advance),
      ({ carry: last, ys }) =>
        whenReady(
          inOrder(ys.map((parts, k) => stacked(backend, reverse ? parts.reverse() : parts, yTypes[k]))),
          (columns) => [...last, ...columns],
        ),
    )
  }
}

/** Reads one element along axis 0. */
function slicer(
  backend: Backend,
  { shape, dtype }: Aval,
  length: number,
): (storage: Storage, index: number) => Maybe<Storage> {
  const start: Aval = { shape: [shape.length + 1], dtype: 'int32' }
  const call: KernelCall = {
    inputs: [{ shape: [length, ...shape], dtype }, start],
    outputs: [{ shape: [1, ...shape], dtype }],
    params: { sizes: [1, ...shape] },
  }
  if (length === 0) return () => backend.write(newArray(dtype, sizeOf(shape)), dtype)
  const kernel = findKernel(backend, dynamicSlicePrimitive as unknown as Primitive, call)
  return (storage, index) => {
    const place = new Int32Array(shape.length + 1)
    place[0] = index
    const at = backend.write(place, 'int32')
    return whenReady(kernel([storage, at], call), ([part]) => {
      backend.release?.(at)
      return part
    })
  }
}

/** Elements one after the other along a new axis 0. */
function stacked(backend: Backend, parts: readonly Storage[], { shape, dtype }: Aval): Maybe<Storage> {
  if (parts.length === 0) return backend.write(newArray(dtype, 0), dtype)
  const one: Aval = { shape: [1, ...shape], dtype }
  const call: KernelCall = {
    inputs: parts.map(() => one),
    outputs: [{ shape: [parts.length, ...shape], dtype }],
    params: { axis: 0 },
  }
  return whenReady(findKernel(backend, concatPrimitive as unknown as Primitive, call)(parts, call), ([column]) => {
    for (const part of new Set(parts)) backend.release?.(part)
    return column
  })
}

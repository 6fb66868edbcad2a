// The steps of control flow: branches and loops run compiled bodies, reading predicates as the backend allows.

import type { Backend } from '../backend/backend.js'
import type { KernelCall, Storage } from '../backend/kernel.js'
import type { ScanParams } from '../control/scan.js'
import type { WhileParams } from '../control/while.js'
import { newArray } from '../dtype.js'
import { inOrder, type Maybe, orUndo, whenReady } from '../maybe.js'
import type { Primitive } from '../primitive.js'
import { selectPrimitive } from '../primitives/convert.js'
import { dynamicSlicePrimitive } from '../primitives/dynamic.js'
import { concatPrimitive } from '../primitives/movement.js'
import type { Equation } from '../program/program.js'
import { type Aval, sizeOf } from '../shape.js'
import { type Executable, executableOf } from './executable.js'
import { literalValues, namedPrograms } from './hash.js'
import type { RunStep, Slots } from './slots.js'
import { boundKernel, copyStorage, operandStep, type Work } from './steps.js'

/** A nested Program with the place of its numbers. */
interface Body {
  readonly executable: Executable
  scalars(all: readonly number[]): readonly number[]
}

/** Runs cond, while or scan. */
export function controlStep(equation: Equation, slots: Slots): RunStep {
  const { backend } = slots
  const run = controlOf(equation, bodiesOf(equation, slots), backend)
  return operandStep(equation, slots, (operands, scalars) =>
    whenReady(run(operands, scalars), (results) => ownStorages(backend, results, operands, equation.outputs)),
  )
}

function bodiesOf(equation: Equation, slots: Slots): Readonly<Record<string, Body>> {
  let start = slots.nestedStart(equation)
  const bodies = namedPrograms(equation.params).map(([name, program]): [string, Body] => {
    const [from, to] = [start, start + literalValues(program).length]
    start = to
    return [name, { executable: executableOf(program, slots.backend), scalars: (all) => all.slice(from, to) }]
  })
  return Object.fromEntries(bodies)
}

function controlOf({ primitive, params }: Equation, bodies: Readonly<Record<string, Body>>, backend: Backend): Work {
  switch (primitive.name) {
    case 'cond':
      return branch(bodies.onTrue, bodies.onFalse, backend)
    case 'recompute': {
      const { executable, scalars } = bodies.body
      return (operands, all) => executable.run(operands, scalars(all))
    }
    case 'while':
      return whileControl(bodies.cond, bodies.body, params as WhileParams, backend)
    default:
      return scanControl(bodies.body, params as ScanParams, backend)
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

function branch(onTrue: Body, onFalse: Body, backend: Backend): Work {
  return ([pred, ...operands], scalars) =>
    whenReady(readFlag(backend, pred), (flag) => {
      const { executable, scalars: own } = flag ? onTrue : onFalse
      return executable.run(operands, own(scalars))
    })
}

function whileControl(
  cond: Body,
  body: Body,
  { condConsts, bodyConsts, maxSteps, body: program }: WhileParams,
  backend: Backend,
): Work {
  const choosers = choosersOf(backend, program.outputs)
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
    const start = operands.slice(condConsts + bodyConsts)
    const most = maxSteps ?? Infinity
    if (choosers === undefined) return repeat(start, most, goesOn, advance)
    const masked = (state: readonly Storage[]): Maybe<readonly Storage[]> => {
      let next: readonly Storage[] = []
      return orUndo(
        () =>
          whenReady(cond.executable.run([...forCond, ...state], condScalars), ([flag]) =>
            whenReady(body.executable.run([...forBody, ...state], bodyScalars), (advanced) => {
              next = advanced
              const kept = inOrder(next.map((y, i) => (y === state[i] ? y : choosers[i](flag, y, state[i]))))
              return whenReady(kept, (chosen) => {
                if (cond.executable.aliases[0] === undefined) backend.release?.(flag)
                releaseOld(backend, [...state, ...next], chosen, borrowed)
                return chosen
              })
            }),
          ),
        () => releaseOld(backend, [...state, ...next], [], borrowed),
      )
    }
    return inChunks(start, most, goesOn, advance, masked)
  }
}

/** Steps at most between two reads of the flag. */
const LONGEST_CHUNK = 16

/** Steps in chunks that double, with one read of the flag each: those after the end change nothing. */
async function inChunks<S>(
  start: S,
  most: number,
  goesOn: (state: S) => Maybe<boolean>,
  advance: (state: S) => Maybe<S>,
  masked: (state: S) => Maybe<S>,
): Promise<S> {
  let state = start
  for (let done = 0, size = 1; done < most && (await goesOn(state)); size = Math.min(2 * size, LONGEST_CHUNK)) {
    state = await advance(state)
    for (let i = 1; i < size && done + i < most; i++) state = await masked(state)
    done += size
  }
  return state
}

type Chooser = (flag: Storage, onTrue: Storage, onFalse: Storage) => Maybe<Storage>

/** For each part of a loop's state, the choice by a flag that stays on the device; none where reading does not wait. */
function choosersOf(backend: Backend, types: readonly Aval[]): readonly Chooser[] | undefined {
  if (backend.sync) return undefined
  const primitive = selectPrimitive as Primitive
  const out = types.map(({ shape, dtype }): Chooser | undefined => {
    const call: KernelCall = {
      inputs: [
        { shape: [], dtype: 'bool' },
        { shape, dtype },
        { shape, dtype },
      ],
      outputs: [{ shape, dtype }],
      params: {},
    }
    const kernel = backend.table.get(primitive.name) ?? backend.find?.(primitive, call)
    if (kernel === undefined) return undefined
    return (flag, onTrue, onFalse) => whenReady(kernel([flag, onTrue, onFalse], call), ([chosen]) => chosen)
  })
  return out.every((c) => c !== undefined) ? out : undefined
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

interface ScanState {
  readonly carry: readonly Storage[]
  readonly ys: readonly Storage[][]
}

function scanControl(step: Body, { body, consts, carry, length, reverse }: ScanParams, backend: Backend): Work {
  const xTypes = body.inputs.slice(consts + carry)
  const yTypes = body.outputs.slice(carry)
  const slicers = xTypes.map((type) => slicer(backend, type, length))
  return (operands, scalars) => {
    const fixed = operands.slice(0, consts)
    const xs = operands.slice(consts + carry)
    const borrowed = new Set(operands)
    const own = step.scalars(scalars)
    const fresh = (y: Storage, k: number) =>
      step.executable.aliases[carry + k] === undefined ? y : copyStorage(backend, y, yTypes[k])
    let index = 0
    const advance = ({ carry: before, ys }: ScanState): Maybe<ScanState> => {
      const at = reverse ? length - 1 - index : index
      index++
      return whenReady(inOrder(slicers.map((slice, k) => slice(xs[k], at))), (parts) =>
        whenReady(step.executable.run([...fixed, ...before, ...parts], own), (results) =>
          whenReady(inOrder(results.slice(carry).map(fresh)), (rows) => {
            const next = results.slice(0, carry)
            releaseOld(backend, [...before, ...parts], next, borrowed)
            for (let k = 0; k < rows.length; k++) ys[k].push(rows[k])
            return { carry: next, ys }
          }),
        ),
      )
    }
    const start: ScanState = { carry: operands.slice(consts, consts + carry), ys: yTypes.map(() => []) }
    return whenReady(
      repeat(start, length, () => true, advance),
      ({ carry: last, ys }) => {
        const columns = ys.map((rows, k) => stacked(backend, reverse ? rows.reverse() : rows, yTypes[k]))
        return whenReady(inOrder(columns), (whole) => [...last, ...whole])
      },
    )
  }
}

/** Reads one element along axis 0. */
function slicer(
  backend: Backend,
  { shape, dtype }: Aval,
  length: number,
): (storage: Storage, index: number) => Maybe<Storage> {
  if (length === 0) return () => backend.write(newArray(dtype, sizeOf(shape)), dtype)
  const start: Aval = { shape: [shape.length + 1], dtype: 'int32' }
  const slice = boundKernel(backend, dynamicSlicePrimitive, {
    inputs: [{ shape: [length, ...shape], dtype }, start],
    outputs: [{ shape: [1, ...shape], dtype }],
    params: { sizes: [1, ...shape] },
  })
  return (storage, index) => {
    const place = new Int32Array(shape.length + 1)
    place[0] = index
    const at = backend.write(place, 'int32')
    return whenReady(slice([storage, at]), ([part]) => {
      backend.release?.(at)
      return part
    })
  }
}

/** Elements one after the other along a new axis 0. */
function stacked(backend: Backend, parts: readonly Storage[], { shape, dtype }: Aval): Maybe<Storage> {
  if (parts.length === 0) return backend.write(newArray(dtype, 0), dtype)
  const concat = boundKernel(backend, concatPrimitive, {
    inputs: parts.map(() => ({ shape: [1, ...shape], dtype })),
    outputs: [{ shape: [parts.length, ...shape], dtype }],
    params: { axis: 0 },
  })
  return whenReady(concat(parts), ([column]) => {
    for (const part of new Set(parts)) backend.release?.(part)
    return column
  })
}

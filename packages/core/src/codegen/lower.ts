// Lowers a fused group to one kernel of the scalar IR: a grid over the outer axes, sweeps over the reduced ones.

import { type DType, highest, isFloat, lowest } from '../dtype.js'
import type { Atom, Equation, Variable } from '../program/program.js'
import { sizeOf } from '../shape.js'
import { type Access, accessOf, indexOf, iotaAxis, type Loop, mergedLoops, operandAxes } from './domain.js'
import { type AxisMap, type Group, groupInputs, roleOf } from './group.js'
import { sharingOutputs } from './in-place.js'
import type { BinaryOp, KernelBuffer, Scalar, ScalarKernel, Statement } from './ir.js'
import { binary, constant, int, variable } from './scalar.js'
import { equationsByOutput, type Schedule, scheduleOf } from './stages.js'

/** A kernel with what it reads and writes. */
export interface Lowered {
  readonly kernel: ScalarKernel
  readonly inputs: readonly Variable[]
  readonly outputs: readonly Variable[]
  /** Where each number handed in comes from: the literal operand of an equation. */
  readonly literals: readonly { readonly equation: Equation; readonly operand: number }[]
}

/** Elements summed before the partial sum is added to the total, so that rounding grows with the number of blocks. */
const BLOCK = 128

/** The kernel of a group that stores `outputs`. */
export function lowerGroup(group: Group, wanted: readonly Variable[]): Lowered {
  const schedule = scheduleOf(group, wanted)
  const outputs = [...wanted, ...schedule.spilled]
  const inputs = groupInputs(group)
  const literals: { equation: Equation; operand: number }[] = []
  const context = contextOf(group, schedule, inputs, outputs, literals)
  const body = emitBody(context)
  const names = group.equations.map((e) => e.primitive.name)
  const kernel: ScalarKernel = {
    name: names.join('_').slice(0, 60),
    buffers: [...inputs.map((v) => bufferOf(v, 'read')), ...outputs.map((v) => bufferOf(v, 'write'))],
    parameters: literals.map(({ equation, operand }) => equation.inputs[operand].dtype),
    grid: context.outer.map((loop) => loop.size),
    workgroup: 1,
    body,
  }
  return sharingOutputs({ kernel, inputs, outputs, literals }, wanted.length)
}

function bufferOf({ dtype, shape }: Variable, access: KernelBuffer['access']): KernelBuffer {
  return { dtype, size: sizeOf(shape), access }
}

interface Context {
  readonly group: Group
  readonly schedule: Schedule
  readonly outer: readonly Loop[]
  readonly inner: readonly Loop[]
  readonly inputs: readonly Variable[]
  readonly outputs: readonly Variable[]
  readonly literals: { equation: Equation; operand: number }[]
  readonly makers: ReadonlyMap<Atom, Equation>
}

function contextOf(
  group: Group,
  schedule: Schedule,
  inputs: readonly Variable[],
  outputs: readonly Variable[],
  literals: Context['literals'],
): Context {
  const accesses: Access[] = outputs.map((v) => accessOf(v.shape, group.axes.get(v) as AxisMap))
  for (const equation of group.equations) {
    equation.inputs.forEach((atom, k) => {
      if (atom.kind === 'variable' && !group.axes.has(atom))
        accesses.push(accessOf(atom.shape, operandAxes(group, equation, k)))
    })
  }
  const reduced = group.reduced ?? []
  const kept = group.domain.map((_, i) => i).filter((i) => !reduced.includes(i))
  return {
    group,
    schedule,
    inputs,
    outputs,
    literals,
    outer: mergedLoops(kept, group, accesses, 'g'),
    inner: mergedLoops(reduced, group, accesses, 'r'),
    makers: equationsByOutput(group),
  }
}

/** Names of the values computed in one block, falling back to the blocks around it. */
class Scope {
  readonly statements: Statement[] = []
  readonly names = new Map<Atom, Scalar>()
  private readonly parent: Scope | null
  private readonly counter: { next: number }

  /** The sweep it belongs to; outside the sweeps, the number of the next one. */
  readonly stage: number

  constructor(parent: Scope | null, stage: number) {
    this.parent = parent
    this.stage = stage
    this.counter = parent?.counter ?? { next: 0 }
  }

  find(atom: Atom): Scalar | undefined {
    return this.names.get(atom) ?? this.parent?.find(atom)
  }

  declare(atom: Atom | null, value: Scalar, mutable = false): Scalar {
    const name = `v${this.counter.next++}`
    this.statements.push({ kind: 'declare', name, value: this.hoisted(value), mutable })
    const named = variable(name, value.dtype)
    if (atom !== null) this.names.set(atom, named)
    return named
  }

  /** The expression over names for what it uses more than once, so that code grows with its nodes, not its paths. */
  private hoisted(value: Scalar): Scalar {
    const shared = sharedNodes(value)
    if (shared.size === 0) return value
    const named = new Map<Scalar, Scalar>()
    const rewrite = (e: Scalar): Scalar => {
      if (!('args' in e)) return e
      const known = named.get(e)
      if (known !== undefined) return known
      const made = { ...e, args: e.args.map(rewrite) } as unknown as Scalar
      if (!shared.has(e)) return made
      const name = `v${this.counter.next++}`
      this.statements.push({ kind: 'declare', name, value: made, mutable: false })
      named.set(e, variable(name, e.dtype))
      return variable(name, e.dtype)
    }
    return rewrite(value)
  }
}

/** Operations that an expression reaches in more than one way. */
function sharedNodes(value: Scalar): Set<Scalar> {
  const seen = new Set<Scalar>()
  const shared = new Set<Scalar>()
  const visit = (e: Scalar): void => {
    if (!('args' in e)) return
    if (seen.has(e)) {
      shared.add(e)
      return
    }
    seen.add(e)
    e.args.forEach(visit)
  }
  visit(value)
  return shared
}

function emitBody(context: Context): Statement[] {
  const { group, schedule, outputs } = context
  const outer = new Scope(null, 0)
  for (let stage = 0; stage < schedule.count; stage++) emitStage(context, outer, stage)
  for (const equation of group.equations) {
    const [out] = equation.outputs
    if (outputs.includes(out) && !schedule.isInner(out)) emitStore(context, outer, out)
  }
  return outer.statements
}

/** One sweep: accumulates its reductions and stores the inner outputs that become ready in it. */
function emitStage(context: Context, outer: Scope, stage: number): void {
  const { group, schedule, outputs, inner } = context
  const reductions = group.equations.filter(
    (e) => roleOf(e) === 'reduction' && schedule.stage.get(e.outputs[0]) === stage + 1,
  )
  const stores = outputs.filter((v) => schedule.isInner(v) && schedule.stage.get(v) === stage)
  if (reductions.length === 0 && stores.length === 0) return
  // Values of the outer axes are computed before the sweep, not in it.
  prepareOuter(context, outer, [...reductions.map((e) => e.inputs[0]), ...stores])
  const totals = reductions.map((e) => outer.declare(null, identity(e), true))
  const last = inner[inner.length - 1]
  const blocked = last !== undefined && last.size > BLOCK && reductions.some(isFloatSum)
  const innermost = (accumulators: readonly Scalar[]): Statement[] => {
    const scope = new Scope(outer, stage)
    for (const out of stores) emitStore(context, scope, out)
    reductions.forEach((e, i) => {
      const value = binary(combiner(e), accumulators[i], valueOf(context, scope, e, 0))
      scope.statements.push({ kind: 'assign', name: nameOf(accumulators[i]), value })
    })
    return scope.statements
  }
  const sweep = blocked
    ? blockedLoop(last, reductions, totals, innermost, outer)
    : nest(inner.slice(-1), innermost(totals))
  outer.statements.push(...nest(inner.slice(0, -1), sweep))
  reductions.forEach((e, i) => {
    outer.names.set(e.outputs[0], totals[i])
  })
}

function nest(loops: readonly Loop[], body: readonly Statement[]): readonly Statement[] {
  return loops.reduceRight<readonly Statement[]>((inside, loop) => [plainLoop(loop, inside)], body)
}

function plainLoop({ name, size }: Loop, body: readonly Statement[]): Statement {
  return { kind: 'loop', name, start: int(0), end: int(size), step: 1, body }
}

/** A loop in blocks: float sums are added up per block, then to the total. */
function blockedLoop(
  loop: Loop,
  reductions: readonly Equation[],
  totals: readonly Scalar[],
  innermost: (accumulators: readonly Scalar[]) => Statement[],
  outer: Scope,
): Statement[] {
  const block = new Scope(outer, outer.stage)
  const partial = totals.map((total, i) =>
    isFloatSum(reductions[i]) ? block.declare(null, constant(0, total.dtype), true) : total,
  )
  const start = variable(`${loop.name}b`)
  const end = binary('min', binary('add', start, int(BLOCK)), int(loop.size))
  block.statements.push({ kind: 'loop', name: loop.name, start, end, step: 1, body: innermost(partial) })
  totals.forEach((total, i) => {
    if (partial[i] !== total)
      block.statements.push({ kind: 'assign', name: nameOf(total), value: binary('add', total, partial[i]) })
  })
  return [
    { kind: 'loop', name: `${loop.name}b`, start: int(0), end: int(loop.size), step: BLOCK, body: block.statements },
  ]
}

/** Declares in the outer scope what the given inner values need from it. */
function prepareOuter(context: Context, outer: Scope, atoms: readonly Atom[]): void {
  const { schedule, makers } = context
  const seen = new Set<Atom>()
  const visit = (atom: Atom): void => {
    const equation = makers.get(atom)
    if (equation === undefined || seen.has(atom)) return
    seen.add(atom)
    if (schedule.isInner(atom)) equation.inputs.forEach(visit)
    else compute(context, outer, atom)
  }
  atoms.forEach(visit)
}

function emitStore(context: Context, scope: Scope, out: Variable): void {
  const { group, inputs, outputs } = context
  const value = compute(context, scope, out)
  const index = indexIn(context, out, group.axes.get(out) as AxisMap)
  scope.statements.push({ kind: 'store', buffer: inputs.length + outputs.indexOf(out), index, value })
}

/** The value of an atom of the group at the current point, computed once per block. */
function compute(context: Context, scope: Scope, atom: Atom): Scalar {
  const known = scope.find(atom)
  if (known !== undefined) return known
  const equation = context.makers.get(atom) as Equation
  const reload = storedEarlier(context, scope, atom)
  if (reload !== undefined) return scope.declare(atom, reload)
  const operands = equation.inputs.map((_, k) => valueOf(context, scope, equation, k))
  if (roleOf(equation) === 'movement') {
    scope.names.set(atom, operands[0])
    return operands[0]
  }
  if (roleOf(equation) === 'iota') return iotaValue(context, equation)
  const rule = equation.primitive.scalar as NonNullable<Equation['primitive']['scalar']>
  const value = rule(operands, equation.params, equation.outputs[0].dtype)
  return scope.declare(atom, value)
}

/** A value that an earlier sweep has stored is read back. */
function storedEarlier(context: Context, scope: Scope, atom: Atom): Scalar | undefined {
  const { schedule, outputs, inputs, group } = context
  const place = outputs.indexOf(atom as Variable)
  if (place < 0 || !schedule.isInner(atom) || (schedule.stage.get(atom) as number) >= scope.stage) return undefined
  const index = indexIn(context, atom, group.axes.get(atom) as AxisMap)
  return { op: 'load', buffer: inputs.length + place, index, dtype: atom.dtype }
}

function valueOf(context: Context, scope: Scope, equation: Equation, k: number): Scalar {
  const atom = equation.inputs[k]
  if (atom.kind === 'literal') return parameter(context, equation, k)
  if (context.group.axes.has(atom)) return compute(context, scope, atom)
  const index = indexIn(context, atom, operandAxes(context.group, equation, k))
  return { op: 'load', buffer: context.inputs.indexOf(atom), index, dtype: atom.dtype }
}

/** Where an element lies in a value's buffer at the current point. */
function indexIn({ outer, inner }: Context, { shape }: Atom, axes: AxisMap): Scalar {
  return indexOf(accessOf(shape, axes), [...outer, ...inner])
}

function parameter({ literals }: Context, equation: Equation, operand: number): Scalar {
  const { dtype } = equation.inputs[operand]
  const found = literals.findIndex((l) => l.equation === equation && l.operand === operand)
  const index = found >= 0 ? found : literals.push({ equation, operand }) - 1
  return { op: 'parameter', index, dtype }
}

function iotaValue({ group, outer, inner }: Context, equation: Equation): Scalar {
  const axis = iotaAxis(group, equation)
  const loop = [...outer, ...inner].find((l) => l.axes.includes(axis))
  const index = loop === undefined ? int(0) : variable(loop.name)
  const { dtype } = equation.outputs[0]
  return dtype === 'int32' ? index : { op: 'cast', args: [index], dtype }
}

function isFloatSum(equation: Equation): boolean {
  return equation.primitive.name === 'reduceSum' && isFloat(equation.outputs[0].dtype)
}

interface Fold {
  readonly start: (dtype: DType) => number
  readonly combine: BinaryOp
  /** The same of bools. */
  readonly combineBools?: BinaryOp
}

const FOLDS: Readonly<Record<string, Fold>> = {
  reduceSum: { start: () => 0, combine: 'add' },
  reduceProd: { start: () => 1, combine: 'mul' },
  reduceMax: { start: lowest, combine: 'max', combineBools: 'or' },
  reduceMin: { start: highest, combine: 'min', combineBools: 'and' },
}

function identity({ primitive, outputs }: Equation): Scalar {
  const { dtype } = outputs[0]
  return constant(FOLDS[primitive.name].start(dtype), dtype)
}

function combiner({ primitive, outputs }: Equation): BinaryOp {
  const { combine, combineBools = combine } = FOLDS[primitive.name]
  return outputs[0].dtype === 'bool' ? combineBools : combine
}

function nameOf(value: Scalar): string {
  return value.op === 'variable' ? value.name : ''
}

// Writes a kernel of the scalar IR as one WebAssembly function. Loops whose iterations are independent run several at once.

import type { DType } from '@adjoint/core'
import type { Scalar, ScalarKernel, Statement } from '@adjoint/core/codegen'
import { int } from '@adjoint/core/codegen'
import type { Code, Local } from '../wasm/code.js'
import type { ConstantPool } from '../wasm/constants.js'
import type { ValueType } from '../wasm/instructions.js'
import { minus, remainder } from '../wasm/integers.js'
import type { ModuleBuilder } from '../wasm/module.js'
import { type Callee, i32, op, type Value } from '../wasm/value.js'
import { type LanePlan, mostRounds, planLanes, type Stride, strideOf } from './analysis.js'
import { addVectorFunction } from './math/functions.js'
import type { FloatShape } from './math/kit.js'
import { addressOf, scalarValue, typeOf, wideValue } from './scalar.js'
import { scalarKey } from './scalar-key.js'
import { addToTotal, endTotal, startTotal, type Total } from './totals.js'
import { demoted, laneIndices, scatterVector, shapeOf, storeVector, vectorValue, wideVector } from './vector.js'

/** Iterations side by side. */
const WIDTH = 4
/** More of them where totals would wait for each other, and around inner loops, so that accesses fill a cache line. */
const WIDE = 16
const HALF = 8
/** Statements of a loop so light that its own counting would weigh. */
const FEW = 12
/** Rounds of a loop that adds float32 up in lanes of float32, where the values cost more than their sum. */
const SHORT = 128

/** A variable of the IR. */
type Binding =
  | { readonly kind: 'scalar'; readonly local: Local; readonly dtype: DType; readonly wide: boolean }
  | { readonly kind: 'lanes'; readonly parts: readonly Local[]; readonly dtype: DType; readonly wide: boolean }

/** A loop that runs several iterations at once. */
export interface LaneLoop {
  readonly width: number
  readonly strides: ReadonlyMap<string, Stride>
  /** A vector of a value that is the same in all lanes. */
  splat(x: Scalar): Value
  /** A value that is the same in every round, computed before the loop. */
  hoist(key: string, make: () => Value): Value
}

/** The state of one kernel under construction. */
export class Emitter {
  readonly code: Code
  readonly pool: ConstantPool | null
  private readonly kernel: ScalarKernel
  private readonly module: ModuleBuilder
  private readonly bindings = new Map<string, Binding>()
  private readonly functions = new Map<string, Callee>()
  private readonly accumulators: ReadonlySet<string>

  constructor(kernel: ScalarKernel, module: ModuleBuilder, code: Code, pool: ConstantPool | null) {
    this.pool = pool
    this.kernel = kernel
    this.module = module
    this.code = code
    this.accumulators = assignedIn(kernel.body)
  }

  /** The whole kernel: loops over the grid around its body. */
  emit(): void {
    const { grid, body } = this.kernel
    const loops = grid.reduceRight<readonly Statement[]>(
      (inside, size, axis) => [
        { kind: 'loop', name: `g${axis}`, start: int(0), end: int(size), step: 1, body: inside },
      ],
      body,
    )
    this.block(loops)
  }

  dtypeOf(buffer: number): DType {
    return this.kernel.buffers[buffer].dtype
  }

  pointer(buffer: number): Value {
    return this.code.params[buffer]
  }

  parameter(index: number): Value {
    return this.code.params[this.kernel.buffers.length + index]
  }

  /** The value of a variable, for lane 0 where it counts. */
  variable(name: string): Value {
    const found = this.bindings.get(name)
    if (found?.kind !== 'scalar') throw new TypeError(`${name} is no scalar here`)
    return found.wide ? op('f32.demote_f64', found.local) : found.local
  }

  /** An accumulator with the digits of a double. */
  wideVariable(x: Scalar): Value | undefined {
    const found = x.op === 'variable' ? this.bindings.get(x.name) : undefined
    return found?.kind === 'scalar' && found.wide ? found.local : undefined
  }

  /** A variable that differs between lanes. */
  lanesOf(name: string): readonly Value[] | undefined {
    const found = this.bindings.get(name)
    if (found?.kind !== 'lanes') return undefined
    return found.wide ? demoted(found.parts) : found.parts
  }

  wideLanes(x: Scalar): readonly Value[] | undefined {
    const found = x.op === 'variable' ? this.bindings.get(x.name) : undefined
    return found?.kind === 'lanes' && found.wide ? found.parts : undefined
  }

  /** A function of JavaScript. */
  host(name: string, params: readonly ValueType[], result: ValueType): Callee {
    return this.module.importFunction('host', name, params, [result])
  }

  /** A function of vectors, inside the module. */
  vectorFunction(name: string, shape: FloatShape): Callee {
    const key = `${name} ${shape}`
    const made = this.functions.get(key) ?? addVectorFunction(this.module, this.pool, name, shape)
    this.functions.set(key, made)
    return made
  }

  private block(statements: readonly Statement[]): void {
    for (const s of statements) this.statement(s)
  }

  private statement(s: Statement): void {
    switch (s.kind) {
      case 'declare': {
        const wide = this.isWide(s)
        const value = wide ? wideValue(this, s.value) : scalarValue(this, s.value)
        this.bindings.set(s.name, { kind: 'scalar', local: this.code.let(value), dtype: s.value.dtype, wide })
        return
      }
      case 'assign': {
        const { local, wide } = this.scalarBinding(s.name)
        this.code.set(local, wide ? wideValue(this, s.value) : scalarValue(this, s.value))
        return
      }
      case 'store': {
        const dtype = this.dtypeOf(s.buffer)
        const type = typeOf(dtype) as 'f32' | 'f64' | 'i32'
        const address = addressOf(this, s.buffer, scalarValue(this, s.index))
        this.code.store(dtype === 'bool' ? 'i32.store8' : `${type}.store`, address, scalarValue(this, s.value))
        return
      }
      case 'loop':
        this.loop(s)
        return
      case 'while':
        this.while(s)
        return
      case 'if':
        this.code.if(
          scalarValue(this, s.condition),
          () => this.block(s.then),
          s.otherwise.length === 0 ? undefined : () => this.block(s.otherwise),
        )
        return
      case 'barrier':
        return
      default:
        throw new TypeError(`${s.kind} is not compiled`)
    }
  }

  /** Conditions may need statements of their own, so they are computed at the end of each round. */
  private while(s: Extract<Statement, { kind: 'while' }>): void {
    const goesOn = this.code.let(scalarValue(this, s.condition))
    this.code.while(goesOn, () => {
      this.block(s.body)
      this.code.set(goesOn, scalarValue(this, s.condition))
    })
  }

  private loop(s: Extract<Statement, { kind: 'loop' }>): void {
    const index = this.code.let(scalarValue(this, s.start))
    const end = this.code.let(scalarValue(this, s.end))
    const plan = s.step === 1 ? planLanes(s.name, s.body) : null
    this.bindings.set(s.name, { kind: 'scalar', local: index, dtype: 'int32', wide: false })
    if (plan !== null && isWorthwhile(plan))
      for (const width of widthsOf(plan, s.body.length)) this.laneLoop(s, plan, width, index, end)
    this.code.for(index, end, s.step, () => this.block(s.body))
  }

  private laneLoop(
    s: Extract<Statement, { kind: 'loop' }>,
    plan: LanePlan,
    width: number,
    index: Local,
    end: Local,
  ): void {
    const { code } = this
    const before = code.section()
    const whole = code.let(minus(end, remainder(minus(end, index), width)))
    const own = new Set(plan.strides.keys())
    const known = new Map<string, Value>()
    const hoist = (key: string, make: () => Value) => {
      const value = known.get(key) ?? code.inside(before, () => code.let(make()))
      known.set(key, value)
      return value
    }
    const lane: LaneLoop = { width, strides: plan.strides, splat: (x) => this.splat(x, own, hoist), hoist }
    const totals = new Map<Statement, Total>()
    const first = code.let(index)
    const alone = plan.reductions.size === 1 && s.body.every((x) => x.kind === 'declare' || plan.reductions.has(x))
    const short = plan.costly > 0 && mostRounds(s) <= SHORT
    for (const [x, reduction] of plan.reductions) totals.set(x, startTotal(this, reduction, { width, alone, short }))
    code.for(index, whole, width, () => this.laneBlock(lane, s.body, totals))
    for (const total of totals.values()) endTotal(this, total, () => code.set(index, first))
  }

  /** Values from outside the loop are spread once, before it. */
  private splat(x: Scalar, own: ReadonlySet<string>, hoist: LaneLoop['hoist']): Value {
    const spread = () => {
      const value = scalarValue(this, x)
      if (x.dtype === 'bool') return op('i32x4.splat', op('i32.sub', i32(0), value))
      return op(`${shapeOf(x.dtype)}.splat`, value)
    }
    return this.isFixed(x, own) ? hoist(scalarKey(x), spread) : this.code.let(spread())
  }

  private isFixed(x: Scalar, own: ReadonlySet<string>): boolean {
    if (x.op === 'variable') return !own.has(x.name)
    if (x.op === 'load') return this.kernel.buffers[x.buffer].access === 'read' && this.isFixed(x.index, own)
    return !('args' in x) || x.args.every((arg) => this.isFixed(arg, own))
  }

  private laneBlock(lane: LaneLoop, body: readonly Statement[], totals: ReadonlyMap<Statement, Total>): void {
    for (const s of body) this.laneStatement(lane, s, totals)
  }

  private laneStatement(lane: LaneLoop, s: Statement, totals: ReadonlyMap<Statement, Total>): void {
    const { code } = this
    switch (s.kind) {
      case 'declare': {
        const stride = lane.strides.get(s.name)
        if (!s.mutable && stride !== null && (stride === 0 || s.value.dtype === 'int32')) {
          this.statement(s)
          return
        }
        const wide = this.isWide(s)
        const values = wide ? wideVector(this, lane, s.value) : vectorValue(this, lane, s.value)
        const parts = values.map((value) => code.let(value))
        this.bindings.set(s.name, { kind: 'lanes', parts, dtype: s.value.dtype, wide })
        return
      }
      case 'assign': {
        const total = totals.get(s)
        if (total !== undefined) {
          addToTotal(this, lane, total)
          return
        }
        const found = this.bindings.get(s.name)
        if (found?.kind !== 'lanes') throw new TypeError(`${s.name} has no lanes`)
        const values = found.wide ? wideVector(this, lane, s.value) : vectorValue(this, lane, s.value)
        const fresh = values.map((value) => code.let(value))
        found.parts.forEach((part, i) => {
          code.set(part, fresh[i])
        })
        return
      }
      case 'store': {
        const dtype = this.dtypeOf(s.buffer)
        const parts = vectorValue(this, lane, s.value)
        if (strideOf(s.index, lane.strides) === 1)
          storeVector(this, dtype, addressOf(this, s.buffer, scalarValue(this, s.index)), parts)
        else {
          const addresses = laneIndices(this, lane, s.index).map((i) => addressOf(this, s.buffer, i))
          scatterVector(this, dtype, addresses, parts)
        }
        return
      }
      case 'loop': {
        const index = code.let(scalarValue(this, s.start))
        const end = code.let(scalarValue(this, s.end))
        this.bindings.set(s.name, { kind: 'scalar', local: index, dtype: 'int32', wide: false })
        code.for(index, end, s.step, () => this.laneBlock(lane, s.body, totals))
        return
      }
      default:
        throw new TypeError(`${s.kind} has no lanes`)
    }
  }

  /** A variable that is the same for all lanes. */
  scalarBinding(name: string): Extract<Binding, { kind: 'scalar' }> {
    const found = this.bindings.get(name)
    if (found?.kind !== 'scalar') throw new TypeError(`${name} is no scalar here`)
    return found
  }

  /** Whether a variable adds up float32 numbers: then it keeps the digits of a double. */
  private isWide(s: Extract<Statement, { kind: 'declare' }>): boolean {
    return s.mutable && s.value.dtype === 'float32' && this.accumulators.has(s.name)
  }
}

/** How many iterations at once, and again for the rest of them. */
function widthsOf({ hasLoops, reductions, costly }: LanePlan, statements: number): readonly number[] {
  if (hasLoops || (reductions.size === 1 && costly === 0)) return [WIDE]
  if (reductions.size > 0) return [HALF]
  return costly === 0 && statements <= FEW ? [WIDE, WIDTH] : [WIDTH]
}

/** Worth it where elements are mostly neighbours, or where the work is more than moving them. */
function isWorthwhile(plan: LanePlan): boolean {
  if (plan.contiguous + plan.costly === 0) return false
  if (plan.hasLoops) return plan.apart === 0
  return plan.apart <= plan.contiguous || plan.costly > 0
}

function assignedIn(statements: readonly Statement[], out = new Set<string>()): Set<string> {
  for (const s of statements) {
    if (s.kind === 'assign') out.add(s.name)
    else if (s.kind === 'loop' || s.kind === 'while') assignedIn(s.body, out)
    else if (s.kind === 'if') {
      assignedIn(s.then, out)
      assignedIn(s.otherwise, out)
    }
  }
  return out
}

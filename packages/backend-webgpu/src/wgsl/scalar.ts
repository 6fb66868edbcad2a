// Prints expressions of the scalar IR as WGSL. bool is u32, 0 or 1; integer and float semantics are JavaScript's.

import type { BinaryOp, DType, Scalar } from '@adjoint/core'
import type { Precision } from '../api.js'

/** The WGSL type of a dtype. */
export function typeOf(dtype: DType): 'f32' | 'i32' | 'u32' {
  return dtype === 'float32' ? 'f32' : dtype === 'int32' ? 'i32' : 'u32'
}

/** Prints expressions, and remembers which library functions they call. */
export class ScalarPrinter {
  readonly used = new Set<string>()
  private readonly precision: Precision

  constructor(precision: Precision) {
    this.precision = precision
  }

  /** A call of a library function. */
  call(name: string, ...args: readonly string[]): string {
    this.used.add(name)
    return `${name}(${args.join(', ')})`
  }

  print(e: Scalar): string {
    switch (e.op) {
      case 'const':
        return this.constant(e.value, e.dtype)
      case 'parameter':
        return asType(`numbers.at[${Math.floor(e.index / 4)}][${e.index % 4}]`, 'u32', typeOf(e.dtype), true)
      case 'variable':
        return nameOf(e.name)
      case 'load':
        return `b${e.buffer}[${this.print(e.index)}]`
      case 'loadLocal':
        return `${nameOf(e.array)}[${this.print(e.index)}]`
      case 'select':
        return `select(${this.print(e.args[2])}, ${this.print(e.args[1])}, ${this.print(e.args[0])} != 0u)`
      case 'cast':
        return this.cast(this.print(e.args[0]), e.args[0].dtype, e.dtype)
      case 'bitcast':
        return asType(this.print(e.args[0]), typeOf(e.args[0].dtype), typeOf(e.dtype), true)
      default:
        return this.operation(e.op, this.operands(e.args), e.args[0].dtype, e.dtype)
    }
  }

  /** A binary operation of printed operands. */
  combine(op: BinaryOp, a: string, b: string, dtype: DType): string {
    return this.operation(op, [a, b], dtype, dtype)
  }

  /** A number; those that WGSL cannot write down are made from their bits. */
  constant(value: number, dtype: DType): string {
    if (dtype === 'int32') return `i32(${value | 0})`
    if (dtype !== 'float32') return `${value >>> 0}u`
    const rounded = Math.fround(value)
    const plain = rounded === 0 ? !Object.is(rounded, -0) : Math.abs(rounded) >= 2 ** -126
    if (Number.isFinite(rounded) && plain) return rounded < 0 ? `(${rounded}f)` : `${rounded}f`
    return this.call('f32_bits', `${bitsOf(rounded, dtype)}u`)
  }

  /** Operations of constants alone are computed while running, where overflow is no error. */
  private operands(args: readonly Scalar[]): string[] {
    const known = args.every((a) => a.op === 'const')
    return args.map((a) => (known ? this.call(`hide_${typeOf(a.dtype)}`, this.print(a)) : this.print(a)))
  }

  private cast(a: string, from: DType, to: DType): string {
    if (from === to) return a
    if (to === 'bool') return from === 'float32' ? `select(1u, 0u, ${a} == 0.0f)` : `u32(${a} != ${typeOf(from)}(0))`
    if (from !== 'float32') return asType(a, typeOf(from), typeOf(to), false)
    return asType(this.call('wrap_f32', a), 'u32', typeOf(to), true)
  }

  private operation(op: string, args: readonly string[], operand: DType, dtype: DType): string {
    const [a, b] = args
    const type = typeOf(operand)
    const float = operand === 'float32'
    switch (op) {
      case 'eq':
      case 'lt':
      case 'le':
        return float ? this.call(`${op}_f32`, a, b) : `u32(${a} ${COMPARE[op]} ${b})`
      case 'neg':
        return float ? this.call('negate', a) : type === 'u32' ? `(0u - ${a})` : `(-${a})`
      case 'abs':
        return float ? this.call('magnitude', a) : type === 'u32' ? a : `abs(${a})`
      case 'sign':
        return float ? this.call('sign_f32', a) : type === 'u32' ? `min(${a}, 1u)` : `sign(${a})`
      case 'not':
        return operand === 'bool' ? `(1u - ${a})` : `(~${a})`
      case 'div':
        return float ? `(${a} / ${b})` : this.call(`div_${type}`, a, b)
      case 'rem':
        return this.call(`rem_${type}`, a, b)
      case 'max':
      case 'min':
        return float ? this.call(`${op}_f32`, a, b) : `${op}(${a}, ${b})`
      case 'shiftLeft':
        return asType(
          this.call('left_u32', asType(a, type, 'u32', true), asType(b, type, 'u32', true)),
          'u32',
          typeOf(dtype),
          true,
        )
      case 'shiftRight':
        return this.call(`right_${type}`, a, asType(b, type, 'u32', true))
      case 'floor':
      case 'ceil':
      case 'round':
        return `${op}(${a})`
      default:
        return op in INFIX ? `(${a} ${INFIX[op]} ${b})` : this.elementary(op, args)
    }
  }

  private elementary(op: string, args: readonly string[]): string {
    const own = this.precision === 'fast' && FAST.has(op)
    return own ? `${op}(${args[0]})` : this.call(`${op}_f32`, ...args)
  }
}

const COMPARE = { eq: '==', lt: '<', le: '<=' } as const
const INFIX: Readonly<Record<string, string>> = { add: '+', sub: '-', mul: '*', and: '&', or: '|', xor: '^' }
/** Functions whose own versions know all special values on common devices. */
const FAST = /* @__PURE__ */ new Set(['exp', 'log', 'sqrt', 'sin', 'cos'])

/** A variable of the IR under a name that no WGSL keyword or function has. */
export function nameOf(name: string): string {
  return `${name}_`
}

/** A value as another type: converted, or the same bits. */
function asType(text: string, from: string, to: string, bits: boolean): string {
  return from === to ? text : bits ? `bitcast<${to}>(${text})` : `${to}(${text})`
}

const WORD = new ArrayBuffer(4)
const FLOAT = new Float32Array(WORD)
const UNSIGNED = new Uint32Array(WORD)

/** The 32 bits of a number. */
export function bitsOf(value: number, dtype: DType): number {
  if (dtype !== 'float32') return value >>> 0
  FLOAT[0] = value
  return UNSIGNED[0]
}

// Structural identity: text that is equal for Programs, equations and parameters that mean the same computation.

import type { Atom, Equation, Program, Variable } from '../program/program.js'

/** Gives each variable a number. */
export type Namer = (variable: Variable) => number

/** Numbers from 0, in the order of asking. */
export function namer(): Namer {
  const numbers = new Map<Variable, number>()
  return (variable) => {
    const number = numbers.get(variable) ?? numbers.size
    numbers.set(variable, number)
    return number
  }
}

const ids = /* @__PURE__ */ new WeakMap<object, number>()
let nextId = 0

/** A number that stands for an object. */
export function identity(value: object): number {
  const id = ids.get(value) ?? ++nextId
  ids.set(value, id)
  return id
}

/** Parameters as text; functions and class instances count by identity, Programs by structure, with their literals on demand. */
export function paramsKey(value: unknown, withValues = false): string {
  if (typeof value === 'string') return JSON.stringify(value)
  if (value === null || typeof value !== 'object') {
    return typeof value === 'function'
      ? `fn${identity(value)}`
      : Object.is(value, -0)
        ? '-0'
        : `${typeof value}:${String(value)}`
  }
  if (Array.isArray(value)) return `[${value.map((item) => paramsKey(item, withValues)).join()}]`
  if (isProgram(value))
    return withValues
      ? `${programKey(value)}${literalValues(value).map((v) => (Object.is(v, -0) ? '-0' : v))}`
      : programKey(value)
  const prototype = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) return `object${identity(value)}`
  return `{${Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${paramsKey((value as Record<string, unknown>)[key], withValues)}`)
    .join()}}`
}

/** Whether a parameter is a Program. */
function isProgram(value: unknown): value is Program {
  return typeof value === 'object' && value !== null && 'equations' in value && 'outputs' in value
}

/** An equation but for its outputs, as text. */
export function equationKey({ primitive, inputs, params }: Equation, name: Namer): string {
  return `${primitive.name}(${inputs.map((atom) => atomKey(atom, name, true)).join()})${paramsKey(params, true)}`
}

function atomKey(atom: Atom, name: Namer, withValue: boolean): string {
  if (atom.kind === 'variable') return `v${name(atom)}`
  return withValue ? `${Object.is(atom.value, -0) ? '-0' : atom.value}:${atom.dtype}` : `s:${atom.dtype}`
}

/** A Program as text. Values of literals are left out: they are handed in at each run. */
export function programKey(program: Program): string {
  const name = namer()
  const declare = (v: Variable) => `v${name(v)}:${v.dtype}[${v.shape}]`
  const lines = program.equations.map(
    ({ primitive, inputs, outputs, params }) =>
      `${outputs.map(declare).join()}=${primitive.name}#${identity(primitive)}(${inputs.map((a) => atomKey(a, name, false)).join()})${paramsKey(params)}`,
  )
  return `(${program.inputs.map(declare).join()})=>${lines.join(';')}=>(${program.outputs.map((a) => atomKey(a, name, false)).join()})`
}

/** Programs among the parameters of an equation by name, in a fixed order. */
export function namedPrograms(params: object): [name: string, program: Program][] {
  const entries = Object.entries(params).filter((entry): entry is [string, Program] => isProgram(entry[1]))
  return entries.sort(([a], [b]) => (a < b ? -1 : 1))
}

/** Programs among the parameters of an equation, in a fixed order. */
export function nestedPrograms(params: object): Program[] {
  return namedPrograms(params).map(([, program]) => program)
}

/** The values of all literals, outermost first, in the order that compiled code expects them. */
export function literalValues(program: Program): number[] {
  const own = [...program.equations.flatMap((e) => e.inputs), ...program.outputs].flatMap((atom) =>
    atom.kind === 'literal' ? [atom.value] : [],
  )
  return [...own, ...program.equations.flatMap((e) => nestedPrograms(e.params).flatMap(literalValues))]
}

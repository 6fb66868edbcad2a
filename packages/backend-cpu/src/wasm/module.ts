// Puts functions together to a WebAssembly module: types, imports, functions, memory, exports, code, data.
// WebAssembly Core Specification 2.0, W3C 2022, section 5.5; shared memories: its threads proposal.

import { name as nameBytes, signed, sized, unsigned, vector } from './bytes.js'
import { Code, TYPE_BYTES } from './code.js'
import type { ValueType } from './instructions.js'
import type { Callee } from './value.js'

/** Pages of the largest memory. */
const MOST_PAGES = 65536

interface Defined extends Callee {
  readonly code: Code
}

/** A module under construction. */
export class ModuleBuilder {
  private readonly imports: (Callee & { readonly from: string; readonly name: string })[] = []
  private readonly functions: Defined[] = []
  private readonly exports: { readonly name: string; readonly callee: Callee }[] = []
  private readonly data: { readonly at: number; readonly bytes: readonly number[] }[] = []
  private memory: { readonly from: string; readonly name: string; readonly shared: boolean } | undefined

  /** The memory, from outside; one that threads share must be imported as such. */
  importMemory(from: string, name: string, shared = false): void {
    this.memory = { from, name, shared }
  }

  /** A function from outside. The same name is imported once. */
  importFunction(from: string, name: string, params: readonly ValueType[], results: readonly ValueType[]): Callee {
    const known = this.imports.find((x) => x.from === from && x.name === name)
    if (known !== undefined) return known
    const made = { from, name, params, results, index: -1 }
    this.imports.push(made)
    return made
  }

  /** A function; `build` gives its body and may call functions defined before, or itself. */
  function(
    params: readonly ValueType[],
    results: readonly ValueType[],
    build: (code: Code, self: Callee) => void,
  ): Callee {
    const code = new Code(params)
    const made: Defined = { params, results, code, index: -1 }
    this.functions.push(made)
    build(code, made)
    return made
  }

  /** Makes a function visible from outside. */
  export(name: string, callee: Callee): void {
    this.exports.push({ name, callee })
  }

  /** Bytes to put into memory at instantiation. */
  segment(at: number, bytes: readonly number[]): void {
    this.data.push({ at, bytes })
  }

  /** The module's bytes. */
  bytes(): Uint8Array<ArrayBuffer> {
    const all: Callee[] = [...this.imports, ...this.functions]
    all.forEach((callee, i) => {
      callee.index = i
    })
    const types = new Map<string, number[]>()
    const typeIndex = (callee: Callee): number[] => {
      const bytes = [0x60, ...typeVector(callee.params), ...typeVector(callee.results)]
      const key = bytes.join()
      if (!types.has(key)) types.set(key, bytes)
      return unsigned([...types.keys()].indexOf(key))
    }
    const imports = this.imports.map((x) => [...nameBytes(x.from), ...nameBytes(x.name), 0x00, ...typeIndex(x)])
    if (this.memory !== undefined) {
      const { from, name, shared } = this.memory
      const limits = shared ? [0x03, 0, ...unsigned(MOST_PAGES)] : [0x00, 0]
      imports.push([...nameBytes(from), ...nameBytes(name), 0x02, ...limits])
    }
    const functions = this.functions.map(typeIndex)
    const exports = this.exports.map((x) => [...nameBytes(x.name), 0x00, ...unsigned(x.callee.index)])
    const data = this.data.map(({ at, bytes }) => [0, 0x41, ...signed(at), 0x0b, ...sized(bytes)])
    const sections: readonly [id: number, items: readonly (readonly number[])[]][] = [
      [1, [...types.values()]],
      [2, imports],
      [3, functions],
      [7, exports],
      [10, this.functions.map((f) => sized(f.code.bytes()))],
      [11, data],
    ]
    const out = [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0]
    for (const [id, items] of sections) {
      if (items.length === 0) continue
      out.push(id)
      for (const byte of sized(vector(items))) out.push(byte)
    }
    return Uint8Array.from(out)
  }
}

function typeVector(types: readonly ValueType[]): number[] {
  return vector(types.map((type) => [TYPE_BYTES[type]]))
}

// Memory set to 0 as one WebAssembly instruction.

import { ModuleBuilder } from '../../wasm/module.js'
import { i32 } from '../../wasm/value.js'

/** `clear(address, bytes)`. */
export function clearModule(shared: boolean): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder()
  module.importMemory('env', 'memory', shared)
  const clear = module.function(['i32', 'i32'], [], (code) => code.fill(code.params[0], i32(0), code.params[1]))
  module.export('clear', clear)
  return module.bytes()
}

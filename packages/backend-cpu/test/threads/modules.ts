// Tasks that end badly when a worker comes to a chunk, and do nothing on the main thread.

import type { Code } from '../../src/wasm/code.js'
import { ModuleBuilder } from '../../src/wasm/module.js'
import { i32, op } from '../../src/wasm/value.js'

/** The worker never comes back. */
export const hangs = () => onWorker((code) => code.while(i32(1), () => code.set(code.params[0], i32(1))))

/** The worker meets a division by zero. */
export const traps = () => onWorker((code) => code.set(code.params[0], op('i32.div_s', i32(1), code.params[0])))

function onWorker(bad: (code: Code) => void): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder()
  module.importMemory('env', 'memory', true)
  const run = module.function(['i32', 'i32', 'i32'], [], (code) => {
    const [from, , who] = code.params
    code.if(who, () => {
      code.set(from, i32(0))
      bad(code)
    })
  })
  module.export('run', run)
  return module.bytes()
}

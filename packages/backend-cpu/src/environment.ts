// What the page or process allows: WebAssembly with SIMD, code from text, or neither. Asked once each.

import { ModuleBuilder } from './wasm/module.js'
import { extract, fusing, lanes, op } from './wasm/value.js'

/** Ways to make kernels, the fastest first. */
export type CodeGeneration = 'webassembly' | 'javascript' | 'none'

let runsWebAssembly: boolean | undefined
let runsText: boolean | undefined

/** The fastest way at most `wanted` that is possible here. */
export function possible(wanted: CodeGeneration): CodeGeneration {
  if (wanted === 'webassembly') {
    if (runsWebAssembly === undefined) {
      runsWebAssembly = compilesModules()
      if (!runsWebAssembly)
        console.warn('WebAssembly SIMD is missing or forbidden here: the CPU backend of Adjoint is slower without it.')
    }
    if (runsWebAssembly) return wanted
  }
  if (wanted !== 'none' && (runsText ??= compilesText())) return 'javascript'
  return 'none'
}

/** False without WebAssembly or its SIMD, and where a content security policy forbids it. */
function compilesModules(): boolean {
  const module = new ModuleBuilder()
  const two = module.function([], ['f32'], (code) => {
    code.return(extract('f32x4.extract_lane', 1, op('f32x4.add', lanes('f32x4', 1), lanes('f32x4', 1))))
  })
  module.export('two', two)
  try {
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(module.bytes()))
    return (exports.two as () => number)() === 2
  } catch {
    return false
  }
}

let runsRelaxed: boolean | undefined

/** Whether the engine has relaxed SIMD. */
export function fusesProducts(): boolean {
  runsRelaxed ??= fusing(true, () => {
    const module = new ModuleBuilder()
    const one = lanes('f32x4', 1)
    const run = module.function([], ['v128'], (code) => code.return(op('f32x4.add', one, op('f32x4.mul', one, one))))
    module.export('run', run)
    return WebAssembly.validate(module.bytes())
  })
  return runsRelaxed
}

function compilesText(): boolean {
  try {
    return typeof new Function('') === 'function'
  } catch {
    return false
  }
}

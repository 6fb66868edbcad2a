// What backends need to generate code: the codegen tier, the scalar IR with its builders, a JavaScript printer and an interpreter.

export { type Compiled, compileProgram, type Executable } from '../compile/executable.js'
export { byteSize, highest, isFloat, lowest, newArray, toArray } from '../dtype.js'
export type { Maybe } from '../maybe.js'
export { broadcastShapes, broadcastStrides, otherAxes, sizeOf, stridesOf } from '../shape.js'
export { interpretKernel } from './interpret.js'
export type {
  BinaryOp,
  CompareOp,
  KernelBuffer,
  KernelRule,
  Scalar,
  ScalarKernel,
  ScalarRule,
  Statement,
  UnaryOp,
} from './ir.js'
export { type ArrayKernel, compileJavaScript, printJavaScript } from './javascript.js'
export { binary, constant, int, plus, times, variable } from './scalar.js'
export { type CodegenSpec, codegen, type FusionLimits } from './tier.js'

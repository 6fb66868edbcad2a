// What backends need to generate code: the scalar IR, its builders, and the JavaScript printer with its interpreter.

export { byteSize, highest, isFloat, lowest, newArray, toArray } from '../dtype.js'
export type { Maybe } from '../maybe.js'
export { broadcastShapes, broadcastStrides, otherAxes, sizeOf, stridesOf } from '../shape.js'
export { type Compiled, compileProgram, type Executable } from './executable.js'
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

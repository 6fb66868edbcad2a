// The public interface of @adjoint/core.

export type { Backend, BackendSpec, Codegen, CompiledKernel, FusedKernel, MemoryInfo } from './backend/backend.js'
export { defineBackend } from './backend/backend.js'
export type {
  ArrayStorage,
  CpuKernel,
  CpuKernelApi,
  CpuKernelFactory,
  CpuStorage,
  GemmOptions,
  HeapStorage,
} from './backend/cpu.js'
export { defaultBackend, hostBackend, setBackend, setHostBackend, withBackend } from './backend/current.js'
export type { Kernel, KernelCall, Kernels, Storage } from './backend/kernel.js'
export { reference } from './backend/reference.js'
export { bind, bind1 } from './bind.js'
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
} from './codegen/ir.js'
export { cond, fori, type ScanOptions, scan, type WhileOptions, whileLoop } from './control/loops.js'
export type { DType, TypedArray } from './dtype.js'
export { AdjointError, type ErrorCode, type ErrorDetails, isAdjointError } from './error.js'
export * from './functions/create.js'
export * from './functions/elementwise.js'
export type { At, Index } from './functions/indexing.js'
export { at, dynamicSlice, dynamicUpdate, oneHot, take, takeAlongAxis } from './functions/indexing.js'
export * from './functions/linear.js'
export * from './functions/movement.js'
export * from './functions/reductions.js'
export * from './functions/scans.js'
export { type AsyncScope, memory, scope, synchronize } from './memory.js'
export type { Optimizer, Update, UpdateContext } from './optimizer.js'
export { applyUpdates, requireContext } from './optimizer.js'
export type {
  HostArray,
  MaybeZero,
  Primitive,
  PrimitiveRules,
  ReferenceRule,
  TransposeInput,
} from './primitive.js'
export { definePrimitive } from './primitive.js'
export type { Atom, Equation, Literal, Program, Variable } from './program/program.js'
export type { Key } from './random/key.js'
export type { NestedArray } from './reading.js'
export { bucket, describe, nonzero, type PlainOf, read, type SolverResult } from './results.js'
export { configure, type Settings, VERSION } from './runtime.js'
export type { Aval, Shape } from './shape.js'
export { type Axis, isTensor, Tensor, type TensorLike } from './tensor.js'
export { checkpoint } from './transforms/checkpoint.js'
export { customJvp, customVjp, type VjpRule } from './transforms/custom-derivatives.js'
export { customRoot, type RootOptions } from './transforms/custom-root.js'
export * from './transforms/derivatives.js'
export { detached } from './transforms/detached.js'
export * from './transforms/grad.js'
export { type JitOptions, type JitStats, jit } from './transforms/jit.js'
export { type LinearSolve, type LinearSolveOptions, linearSolve } from './transforms/linear-solve.js'
export { type VmapOptions, vmap } from './transforms/vmap.js'
export type { ArgumentsOf, Leaf, Structure, TensorsOf, TreeNode } from './tree.js'
export * as tree from './tree.js'
export { TREE } from './tree.js'

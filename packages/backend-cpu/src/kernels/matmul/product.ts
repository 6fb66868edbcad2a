// Picks the way to multiply: packed tiles, matrix times vector, or straight loops.

import type { CpuKernelApi, GemmOptions, TypedArray } from '@adjoint/core'
import { offsetsOf } from '../../loops/offsets.js'
import { directProduct, integerProduct, matrixVector } from './direct.js'
import type { Operand, Target } from './operands.js'
import { packedProduct } from './packed.js'
import type { Batch, WasmProducts } from './wasm-product.js'
import { THIN } from './wasm-thin.js'

/** Below this many multiplications packing costs more than it saves. */
const SMALL = 2048

/** What products may use. */
export interface ProductTools {
  readonly scratch: CpuKernelApi['scratch']
  /** Runs work whose scratch space is free again afterwards. */
  readonly during: (work: () => void) => void
  /** Null where WebAssembly is not used. */
  readonly wasm: () => WasmProducts | null
}

/** Sets an array to 0. */
export function clear(array: TypedArray, { wasm }: ProductTools): void {
  if (wasm()?.clear(array) !== true) array.fill(0)
}

/** The products of a batch, `c += a b` each; results follow each other. */
export function products(a: Operand, b: Operand, c: Target, batch: Batch, tools: ProductTools): void {
  const { left, right } = batch
  const [m, n, k] = [a.outer.length, b.outer.length, a.inner.length]
  const packs = left.length > 1 && m > 1 && n > 1 && k > THIN && m * n * k > SMALL
  if (packs && tools.wasm()?.packed(a, b, c, 1, batch)) return
  for (let i = 0; i < left.length; i++)
    product({ ...a, base: left[i] }, { ...b, base: right[i] }, { ...c, base: i * m * n }, 1, tools)
}

/** `c += alpha * a b`; both operands sum over `inner`. */
function product(a: Operand, b: Operand, c: Target, alpha: number, tools: ProductTools): void {
  const m = a.outer.length
  const n = b.outer.length
  const work = m * n * a.inner.length
  const integers = c.data instanceof Int32Array || c.data instanceof Uint32Array
  if (work > SMALL && throughWasm(a, b, c, alpha, tools.wasm())) return
  if (integers) integerProduct(a, b, c, alpha)
  else if (work <= SMALL) directProduct(a, b, c, alpha)
  else if (n === 1) vectorProduct(a, b, c, c.stride, alpha, tools)
  else if (m === 1) vectorProduct(b, a, c, 1, alpha, tools)
  else packedProduct(a, b, c, alpha)
}

function throughWasm(a: Operand, b: Operand, c: Target, alpha: number, products: WasmProducts | null): boolean {
  if (products === null) return false
  if (b.outer.length === 1) return products.vector(a, b, c, c.stride, alpha)
  if (a.outer.length === 1) return products.vector(b, a, c, 1, alpha)
  return a.inner.length <= THIN ? products.thin(a, b, c, alpha) : products.packed(a, b, c, alpha)
}

function vectorProduct(
  matrix: Operand,
  { data, base, outer, inner }: Operand,
  c: Target,
  step: number,
  alpha: number,
  { scratch, during }: ProductTools,
): void {
  during(() => {
    const x = scratch('float64', inner.length) as Float64Array
    for (let p = 0; p < x.length; p++) x[p] = data[base + outer[0] + inner[p]]
    matrixVector(matrix, x, c, step, alpha, scratch('float64', matrix.outer.length) as Float64Array)
  })
}

/** The matrix product that kernels of other packages call; see `CpuKernelApi.gemm`. */
export function gemm(options: GemmOptions, tools: ProductTools): void {
  const { m, n, k, alpha, a, b, aStrides, bStrides } = options
  product(
    { data: a, base: options.aOffset, outer: offsetsOf([m], [aStrides[0]]), inner: offsetsOf([k], [aStrides[1]]) },
    { data: b, base: options.bOffset, outer: offsetsOf([n], [bStrides[1]]), inner: offsetsOf([k], [bStrides[0]]) },
    { data: options.c, base: options.cOffset, stride: options.cStride },
    alpha,
    tools,
  )
}

// Public types of the package.

/** Options of `createCpu`. */
export interface CpuOptions {
  /** Name in errors and warnings. @defaultValue 'cpu' */
  readonly name?: string
  /**
   * How kernels are made at most: as WebAssembly SIMD, as JavaScript, or by interpreting them. What an engine lacks or a
   * content security policy forbids is left out by itself. @defaultValue 'webassembly'
   */
  readonly codeGeneration?: 'webassembly' | 'javascript' | 'none'
  /**
   * Products and the sums they go into as one instruction, in matrix products and vector functions, where the engine has
   * relaxed SIMD: faster, and its bits differ between machines. @defaultValue false
   */
  readonly relaxedSimd?: boolean
  /** Most bytes of the WebAssembly heap; what does not fit lies in ordinary arrays. @defaultValue 1073741824 */
  readonly heapBytes?: number
  /**
   * Elements of the longest operand from which a kernel runs as WebAssembly: below, calls of JavaScript cost less.
   *
   * @defaultValue 1024
   */
  readonly webassemblyFrom?: number
  /** Most bytes of released arrays kept for reuse. @defaultValue 268435456 */
  readonly poolBytes?: number
}

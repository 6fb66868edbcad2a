// Public types of the package.

/** Options of `createCpu`. */
export interface CpuOptions {
  /** Name in errors and warnings. @defaultValue 'cpu' */
  readonly name?: string
  /** Whether to generate code. Where a content security policy forbids it, kernels are interpreted anyway. @defaultValue true */
  readonly codeGeneration?: boolean
  /** Most bytes of released arrays kept for reuse. @defaultValue 268435456 */
  readonly poolBytes?: number
}

// The one error family: a stable code, the function that refused, what it got, what it wanted, what to do.

/** Stable, documented reasons; programs may branch on them, messages may change. */
export type ErrorCode =
  | 'aborted'
  | 'axis-out-of-range'
  | 'backend-mismatch'
  | 'checksum-mismatch'
  | 'corrupt-data'
  | 'donated'
  | 'device-failed'
  | 'dtype-mismatch'
  | 'dtype-unsupported'
  | 'duplicate-runtime'
  | 'index-out-of-range'
  | 'invalid-argument'
  | 'key-reused'
  | 'leaked-tracer'
  | 'loop-changed-type'
  | 'missing-argument'
  | 'missing-data'
  | 'missing-kernel'
  | 'missing-rule'
  | 'non-scalar-loss'
  | 'not-differentiable'
  | 'promise-in-trace'
  | 'queue-overflow'
  | 'released'
  | 'shape-mismatch'
  | 'solver-failed'
  | 'sync-read'
  | 'tensor-as-boolean'
  | 'traced-value'
  | 'tree-mismatch'

/** The parts of an error message; each is a short phrase without a final stop. */
export interface ErrorDetails {
  /** The public function or primitive that refused. */
  readonly fn: string
  /** What it was given: shapes, dtypes, values. */
  readonly given: string
  /** What it accepts. */
  readonly expected?: string
  /** What the user should do now. */
  readonly fix?: string
  /** The user's line, where it is known better than the stack tells. */
  readonly line?: string
  readonly cause?: unknown
}

const BRAND = Symbol.for('adjoint.error')

/**
 * The error every Adjoint package throws.
 *
 * @example
 * try {
 *   add(ones([2]), ones([3]))
 * } catch (error) {
 *   if (isAdjointError(error)) console.log(error.code, error.expected)
 * }
 */
export class AdjointError extends Error {
  override readonly name = 'AdjointError'
  readonly code: ErrorCode
  /** The public function or primitive that refused. */
  readonly fn: string
  readonly given: string
  readonly expected: string | undefined
  readonly fix: string | undefined
  /** `file:line:column` of the user's call, where the stack shows one. */
  readonly line: string | undefined
  readonly [BRAND] = true

  constructor(code: ErrorCode, details: ErrorDetails) {
    const line = details.line ?? callSite()()
    super(compose(code, details, line), details.cause === undefined ? undefined : { cause: details.cause })
    this.code = code
    this.fn = details.fn
    this.given = details.given
    this.expected = details.expected
    this.fix = details.fix
    this.line = line
  }
}

/** Whether a value is an `AdjointError`, also one made by another copy of the core. */
export function isAdjointError(value: unknown): value is AdjointError {
  return typeof value === 'object' && value !== null && BRAND in value
}

/** @internal The error with the name of the Program in which an operation failed on the device. */
export function named(error: unknown, program: string): unknown {
  if (!isAdjointError(error) || error.code !== 'device-failed') return error
  return new AdjointError(error.code, { ...error, fn: `${program} (${error.fn})`, cause: error })
}

/** @internal The error with the line that asked for the work, where it has none. */
export function locate(error: unknown, fn: string, site: CallSite | undefined): unknown {
  const line = site?.()
  if (isAdjointError(error))
    return error.line !== undefined || line === undefined
      ? error
      : new AdjointError(error.code, { ...error, line, cause: error })
  const given = `a failure on the device: ${error instanceof Error ? error.message : String(error)}`
  return new AdjointError('device-failed', { fn, given, line, cause: error })
}

function compose(code: ErrorCode, { fn, given, expected, fix }: ErrorDetails, line: string | undefined): string {
  const wanted = expected === undefined ? '' : `; expected ${expected}`
  const advice = fix === undefined ? '' : `. ${fix}`
  return `${fn}: got ${given}${wanted}${advice}${line === undefined ? '' : `\n  at ${line}`} [${code}]`
}

const OWN_FRAMES =
  /[/\\]@adjoint[/\\]|[/\\]packages[/\\][\w-]+[/\\](?:src|dist)[/\\]|node_modules[/\\]adjoint[/\\]|node:internal/

/** @internal Where a user's call stands: the first stack frame outside Adjoint's own files, as `file:line:column`. */
export type CallSite = () => string | undefined

/** @internal Where the call stands that is running; the stack is kept now, and turned to text when an error asks. */
export function callSite(): CallSite {
  const limited = Error as { stackTraceLimit?: number }
  const limit = limited.stackTraceLimit
  limited.stackTraceLimit = 40
  const trace = new Error()
  limited.stackTraceLimit = limit
  return () => userFrame(trace.stack ?? '')
}

function userFrame(stack: string): string | undefined {
  for (const frame of stack.split('\n').slice(2)) {
    const place = /\(?((?:file:|https?:|\/|[A-Za-z]:\\)[^()]*:\d+:\d+)\)?$/.exec(frame.trim())?.[1]
    if (place !== undefined && !OWN_FRAMES.test(frame)) return place.replace(/^file:\/\//, '')
  }
  return undefined
}

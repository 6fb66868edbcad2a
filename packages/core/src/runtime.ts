// The one runtime of a page or process: trace stack, default backends, scopes. A second copy of the core shares it.

import type { Backend } from './backend/backend.js'
import { AdjointError } from './error.js'
import type { Primitive } from './primitive.js'
import type { Tensor } from './tensor.js'

/** An active transformation: it interprets the primitives applied to its tracers. */
export interface Trace {
  readonly level: number
  /** False once the traced function has returned; its tracers are then leaks. */
  alive: boolean
  process(primitive: Primitive, inputs: readonly Tensor[], params: object): readonly Tensor[]
  /** Where a tracer's values are, or will be computed. */
  backendOf(tensor: Tensor): Backend
}

/** Debug switches; see `configure`. */
export interface Settings {
  /** A missing kernel is an error instead of a reported fall-back to the host backend. */
  strict: boolean
  /** Using a random key twice is an error. */
  checkKeys: boolean
  /** Jobs an asynchronous backend may have waiting. */
  queueLimit: number
  /** Receives each warning once; the console by default. */
  warn: (message: string) => void
}

/** What all copies of the core share. */
export interface Runtime {
  readonly version: string
  level: number
  /** The innermost trace that records every operation, also those without tracers. */
  staging: Trace | null
  backend: Backend | null
  host: Backend | null
  scope: Set<Tensor> | null
  readonly settings: Settings
  readonly warned: Set<string>
}

/** Version of this core. */
export const VERSION = '0.1.0'

const SLOT = Symbol.for('adjoint.core')

/** @internal */
export const runtime: Runtime = /* @__PURE__ */ shareRuntime(globalThis as { [SLOT]?: Runtime })

/** @internal Finds the runtime of an earlier copy in `place`, or puts one there. */
export function shareRuntime(place: { [SLOT]?: Runtime }): Runtime {
  const found = place[SLOT]
  if (found === undefined) {
    const made = newRuntime()
    place[SLOT] = made
    return made
  }
  if (major(found.version) !== major(VERSION)) {
    throw new AdjointError('duplicate-runtime', {
      fn: '@adjoint/core',
      given: `version ${VERSION} loaded beside version ${found.version}`,
      expected: 'one major version in a program',
      fix: 'Align the versions: `npm ls @adjoint/core`, `npm dedupe`; in a bundler, resolve.dedupe',
    })
  }
  return found
}

function newRuntime(): Runtime {
  return {
    version: VERSION,
    level: 0,
    staging: null,
    backend: null,
    host: null,
    scope: null,
    settings: { strict: false, checkKeys: false, queueLimit: 10_000, warn: (message) => console.warn(message) },
    warned: new Set(),
  }
}

function major(version: string): string {
  const [first, second] = version.split('.')
  return first === '0' ? `0.${second}` : first
}

/** @internal Warns, once per message. */
export function warnOnce(message: string): void {
  if (runtime.warned.has(message)) return
  runtime.warned.add(message)
  runtime.settings.warn(message)
}

/**
 * Changes debug switches; those left out stay.
 *
 * @returns the settings before the call, to restore them
 * @example
 * const before = configure({ strict: true })   // a missing kernel is now an error
 * configure(before)
 */
export function configure(settings: Partial<Settings>): Settings {
  const before = { ...runtime.settings }
  Object.assign(runtime.settings, settings)
  return before
}

/** @internal Runs `fn` under a new trace, one level up; `stages` makes it record everything. */
export function withTrace<T extends Trace, R>(make: (level: number) => T, stages: boolean, fn: (trace: T) => R): R {
  const trace = make(++runtime.level)
  const outer = runtime.staging
  if (stages) runtime.staging = trace
  try {
    return fn(trace)
  } finally {
    trace.alive = false
    runtime.staging = outer
    runtime.level--
  }
}

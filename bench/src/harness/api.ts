// What a suite is made of: cases, each with our program and the same program in the peers' words, and figures.

/** One prepared program. */
export interface Program {
  /** Does the work once, to the point where its result is ready; never reads it. */
  readonly step: () => unknown
  /** What the first step computes, to see that all programs compute the same. */
  readonly result: () => Numbers | Promise<Numbers>
  /** Milliseconds per step over `count` steps, of a program in another process or page, which has a clock of its own. */
  readonly time?: (count: number) => Promise<number>
  /** Lets go of what the garbage collector does not know of. */
  readonly dispose?: () => void
}

export type Numbers = ArrayLike<number>

/** Prepares a program; throws a `Missing` where the machine lacks what it needs. */
export type Setup = () => Program | Promise<Program>

/** Says why a peer is left out: the machine does not have it. */
export class Missing extends Error {}

/** A comparison: the same computation by us and by each peer. */
export interface Case {
  readonly name: string
  /** Called anew for each comparison: functions to compile are made inside. */
  readonly ours: Setup
  readonly peers: Readonly<Record<string, Setup>>
  /** Largest difference between two results, relative to the largest entry. */
  readonly tolerance?: number
  /** What one step does at least: operations on floats, or bytes read and written. */
  readonly work?: Work
}

export type Work = { readonly flop: number; readonly dtype: 'float32' | 'float64' } | { readonly bytes: number }

/** A number about us or about the machine, without a peer. */
export interface Figure {
  readonly name: string
  readonly unit: string
  /** What it should stay below. */
  readonly limit?: number
  /** `short`: fewer rounds, to see that it runs. */
  readonly measure: (short: boolean) => number | Promise<number>
}

export interface Suite {
  readonly name: string
  readonly cases: readonly Case[]
  readonly figures?: readonly Figure[]
  /** The ratio that a case should have to a peer at most. */
  readonly expected?: (item: string, peer: string) => number
}

/** One line of output: medians in milliseconds, `ratio` is ours over the peer's, below one is faster. */
export interface Row {
  readonly suite: string
  readonly case: string
  readonly ours_ms: number
  readonly peer: string
  readonly peer_ms: number
  readonly ratio: number
  /** Interquartile range of the paired ratios, relative to `ratio`. */
  readonly spread: number
  /** What our first step takes more than a later one: nothing is compiled yet. */
  readonly compile_ms: number
  /** The same for the program made again: it is traced, its code is there already. */
  readonly compile_warm_ms: number
  /** What the peer's first step takes more than a later one. */
  readonly peer_compile_ms: number
  /** How fast ours works, where the case says what a step does. */
  readonly gflop_per_s?: number
  readonly gb_per_s?: number
  /** The figure that says how fast the machine can do it. */
  readonly bound?: string
  /** What `ratio` should be at most. */
  readonly expected?: number
}

/** One line of output for a figure. */
export interface FigureRow {
  readonly suite: string
  readonly figure: string
  readonly value: number
  readonly unit: string
  readonly limit?: number
}

/** A peer left out of all its cases. */
export interface Skip {
  readonly skipped: string
  readonly reason: string
}

export type Line = Row | FigureRow | Skip

// What a suite is made of: cases, each with our program and the same program in the peers' words.

/** One prepared program. */
export interface Program {
  /** Does the work once, to the point where its result is ready; never reads it. */
  readonly step: () => unknown
  /** What the first step computes, to see that all programs compute the same. */
  readonly result: () => Numbers | Promise<Numbers>
}

export type Numbers = ArrayLike<number>
export type Setup = () => Program | Promise<Program>

/** A comparison: the same computation by us and by each peer. */
export interface Case {
  readonly name: string
  readonly ours: Setup
  readonly peers: Readonly<Record<string, Setup>>
  /** Largest difference between two results, relative to the largest entry. */
  readonly tolerance?: number
}

export interface Suite {
  readonly name: string
  readonly cases: readonly Case[]
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
}

// What passes between a page under test and the test that opened it.

/** Named pieces of work of a page; what they return must survive JSON. */
export type PageCases = Readonly<Record<string, () => unknown>>

/** What became of one case: its value, or the stack of its error. */
export interface CaseResult {
  readonly name: string
  readonly value?: unknown
  readonly error?: string
}

/** What a page sends back. */
export interface PageReport {
  readonly results: readonly CaseResult[]
  /** An error outside the cases. */
  readonly crash?: string
}

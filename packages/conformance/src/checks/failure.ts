// What a check throws: which check of what failed, where, and what to look at.

/** The parts of a failed check's message. */
export interface FailureDetails {
  /** What was checked: a function, a primitive, a backend. */
  readonly subject: string
  /** The property that does not hold. */
  readonly check: string
  /** What was found and where. */
  readonly found: string
  /** Where to look for the cause. */
  readonly hint: string
}

/**
 * A property that does not hold.
 *
 * @example
 * const failure = new CheckFailure({ subject: 'sin', check: 'jvp', found: '2 instead of 1', hint: 'Look at the jvp rule' })
 * failure.message   // 'sin: jvp does not hold: 2 instead of 1. Look at the jvp rule'
 */
export class CheckFailure extends Error {
  override readonly name = 'CheckFailure'
  readonly subject: string
  readonly check: string

  constructor({ subject, check, found, hint }: FailureDetails) {
    super(`${subject}: ${check} does not hold: ${found}. ${hint}`)
    this.subject = subject
    this.check = check
  }
}

// Results that may have to be waited for: the same code runs at once where nothing waits.

/** A value, or the promise of one. */
export type Maybe<T> = T | Promise<T>

/** Continues with the value, now or later. */
export function whenReady<T, R>(value: Maybe<T>, next: (value: T) => Maybe<R>): Maybe<R> {
  return value instanceof Promise ? value.then(next) : next(value)
}

/** A list of values, once all of them are there. */
export function inOrder<T>(values: readonly Maybe<T>[]): Maybe<T[]> {
  return values.some((v) => v instanceof Promise) ? Promise.all(values) : (values as T[])
}

/** The result of work; `undo` runs where it fails, now or later. */
export function orUndo<T>(work: () => Maybe<T>, undo: () => void): Maybe<T> {
  const fail = (error: unknown): never => {
    undo()
    throw error
  }
  try {
    const result = work()
    return result instanceof Promise ? result.catch(fail) : result
  } catch (error) {
    return fail(error)
  }
}

// Results that may have to be waited for: the same code runs at once where nothing waits.

/** A value, or the promise of one. */
export type Maybe<T> = T | Promise<T>

/** Work that pauses at promises and goes on with their values. */
export type Task<T> = Generator<Promise<unknown>, T, unknown>

/** Runs a task: at once, up to the first promise. */
export function sequence<T>(task: () => Task<T>): Maybe<T> {
  const steps = task()
  const follow = ({ done, value }: IteratorResult<Promise<unknown>, T>): Maybe<T> =>
    done === true
      ? value
      : value.then(
          (ready) => follow(steps.next(ready)),
          (error) => follow(steps.throw(error)),
        )
  return follow(steps.next())
}

/** The value, for a task to go on with. */
export function* ready<T>(value: Maybe<T>): Task<T> {
  return value instanceof Promise ? ((yield value) as T) : value
}

/** The result of work, or what `fail` makes of its error, now or later: for warm paths, where a task would cost. */
export function orElse<T>(work: () => Maybe<T>, fail: (error: unknown) => never): Maybe<T> {
  try {
    const result = work()
    return result instanceof Promise ? result.catch(fail) : result
  } catch (error) {
    return fail(error)
  }
}

/** Continues with the value, now or later. */
export function whenReady<T, R>(value: Maybe<T>, next: (value: T) => Maybe<R>): Maybe<R> {
  return value instanceof Promise ? value.then(next) : next(value)
}

/** A list of values, once all of them are there. */
export function inOrder<T>(values: readonly Maybe<T>[]): Maybe<T[]> {
  return values.some((v) => v instanceof Promise) ? Promise.all(values) : (values as T[])
}

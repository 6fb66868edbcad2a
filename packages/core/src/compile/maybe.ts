// Results that may have to be waited for: the same code runs at once where nothing waits.

/** A value, or the promise of one. */
export type Maybe<T> = T | Promise<T>

/** Continues with the value, now or later. */
export function whenReady<T, R>(value: Maybe<T>, next: (value: T) => Maybe<R>): Maybe<R> {
  return value instanceof Promise ? value.then(next) : next(value)
}

// jax-js asks of each array whether it is a Float16Array, which Node 20 lacks: there it is one of no array.
if (!('Float16Array' in globalThis)) {
  Object.defineProperty(globalThis, 'Float16Array', { value: class Float16Array {}, configurable: true })
}

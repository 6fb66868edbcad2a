// Modules over a memory: `env.memory`, and functions of JavaScript under `host`.

/** Functions that modules import. */
export type HostFunctions = Readonly<Record<string, (a: number, b: number) => number>>

/** The functions of a module. */
export type Exports = Record<string, (...args: number[]) => number>

/** A module at work. */
export function instantiate(bytes: BufferSource, memory: WebAssembly.Memory, host: HostFunctions = {}): Exports {
  const module = new WebAssembly.Module(bytes)
  return new WebAssembly.Instance(module, { env: { memory }, host }).exports as Exports
}

/** Whether threads share a memory; modules import it accordingly. */
export function isShared(memory: WebAssembly.Memory): boolean {
  return typeof SharedArrayBuffer === 'function' && (memory.buffer as ArrayBufferLike) instanceof SharedArrayBuffer
}

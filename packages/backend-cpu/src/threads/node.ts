// What is used of Node, which pages do not have. Not imported: bundlers for pages would look for it.

/** A thread of Node. */
export interface NodeThread {
  once(event: 'message' | 'error' | 'exit', listener: (value: unknown) => void): void
  postMessage(message: unknown): void
  unref(): void
  terminate(): Promise<number>
}

interface NodeModules {
  'node:worker_threads': {
    readonly Worker: new (
      source: string,
      options: { eval: true; execArgv: readonly string[]; name: string },
    ) => NodeThread
  }
  'node:os': { availableParallelism(): number }
}

type GetModule = <Name extends keyof NodeModules>(name: Name) => NodeModules[Name]

/** A module of Node; `undefined` elsewhere. */
export function nodeModule<Name extends keyof NodeModules>(name: Name): NodeModules[Name] | undefined {
  const { process } = globalThis as { process?: { getBuiltinModule?: GetModule } }
  return process?.getBuiltinModule?.(name)
}

// What the package needs from its surroundings: the files beside it, the environment, a local folder, a cache.
// Node and browsers each have one implementation; package.json picks it by condition, so bundles hold only theirs.

/** The surroundings of the package. */
export interface Platform {
  /** An environment variable; `undefined` where there is no environment. */
  environment(name: string): string | undefined
  /** The bytes of a file that ships with the package. */
  bundled(url: URL): Promise<Uint8Array<ArrayBuffer>>
  /** A file of a local folder, `undefined` when it is not there. */
  local(folder: string, file: string): Promise<Uint8Array<ArrayBuffer> | undefined>
  /** Where `remember` puts files, in words for messages. */
  cachePlace(): string
  /** A file kept by an earlier run; a cache that cannot be read is an empty one. */
  recall(file: string): Promise<Uint8Array<ArrayBuffer> | undefined>
  /** Keeps a file for later runs; a cache that cannot be written is not an error. */
  remember(file: string, bytes: Uint8Array<ArrayBuffer>): Promise<void>
}

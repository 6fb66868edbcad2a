// A module that threads run together: each calls `run(numbers..., from, to, who)` for the chunks that it takes.

/** Bytes of the heap that every thread has for itself. */
export const ROOM = 1 << 21

/** A task of one team. */
export interface Task {
  readonly id: number
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly run: (...numbers: number[]) => unknown
  /** A bit for each worker that has it, as far as the generation counts. */
  known: number
  generation: number
}

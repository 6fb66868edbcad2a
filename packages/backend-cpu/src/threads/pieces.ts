// How work is cut for threads. Pieces do not depend on each other, so that their size changes no result.

/** Pieces for each thread: they even out what threads are held up by. */
const PIECES = 8
/** Microseconds of work that a piece has at least. */
const PIECE = 25

/** Iterations of one piece, a multiple of `unit`; `microseconds` is what all of them take. */
export function stepOf(length: number, unit: number, microseconds: number, size: number): number {
  const wanted = Math.max(size, Math.min(PIECES * size, Math.floor(microseconds / PIECE)))
  return unit * Math.ceil(length / unit / wanted)
}

/** Whether a loop has enough iterations to keep all threads busy to the end. */
export function isPlenty(pieces: number, size: number): boolean {
  return pieces >= PIECES * size
}

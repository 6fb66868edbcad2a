// Which byte ranges of the heap are free: neighbours merge, requests take the first range that is large enough.
// Ranges are binned by size: D. Knuth, The Art of Computer Programming 1, section 2.5.

/** Ranges start and end at multiples of this, a cache line. */
export const ALIGNMENT = 64

/** How many ranges of the request's own bin are tried before a larger bin is cut. */
const TRIES = 16

/** Free ranges of an address space that only grows. */
export class FreeList {
  /** Free bytes in all. */
  bytes = 0
  private readonly sizes = new Map<number, number>()
  private readonly starts = new Map<number, number>()
  private readonly bins: Set<number>[] = Array.from({ length: 32 }, () => new Set())

  /** A range of `size` bytes, which is a multiple of the alignment; -1 if there is none. */
  take(size: number): number {
    const own = binOf(size)
    let tries = TRIES
    for (const start of this.bins[own]) {
      if (this.sizeAt(start) >= size) return this.cut(start, size)
      if (--tries === 0) break
    }
    for (let bin = own + 1; bin < this.bins.length; bin++)
      for (const start of this.bins[bin]) return this.cut(start, size)
    return -1
  }

  /** Gives a range back. */
  give(start: number, size: number): void {
    let [from, to] = [start, start + size]
    const before = this.starts.get(from)
    if (before !== undefined) from = this.remove(before)
    const after = this.sizes.get(to)
    if (after !== undefined) {
      this.remove(to)
      to += after
    }
    this.add(from, to - from)
  }

  private cut(start: number, size: number): number {
    const whole = this.sizeAt(start)
    this.remove(start)
    if (whole > size) this.add(start + size, whole - size)
    return start
  }

  private add(start: number, size: number): void {
    this.sizes.set(start, size)
    this.starts.set(start + size, start)
    this.bins[binOf(size)].add(start)
    this.bytes += size
  }

  private remove(start: number): number {
    const size = this.sizeAt(start)
    this.sizes.delete(start)
    this.starts.delete(start + size)
    this.bins[binOf(size)].delete(start)
    this.bytes -= size
    return start
  }

  private sizeAt(start: number): number {
    return this.sizes.get(start) as number
  }
}

function binOf(size: number): number {
  return 31 - Math.clz32(size)
}

// What a chapter of the tour is: a function from a context to numbers and figures. Chapters know nothing of the report
// or the terminal, so each of them also runs alone.

/** The chapters, in the order of the tour. */
export type ChapterName = 'digits' | 'colour-transfer' | 'rosenbrock' | 'plugin'

/** Numbers shown while a chapter runs, or measured by it. */
export type Metrics = Readonly<Record<string, number>>

/** Where a chapter says how far it is. */
export interface Progress {
  begin(total: number, label: string): void
  advance(done: number, shown?: Metrics): void
  end(): void
}

/** What a chapter is given. */
export interface ChapterContext {
  readonly seed: number
  /** Fewer steps and smaller pictures, for tests. */
  readonly quick: boolean
  readonly signal: AbortSignal
  readonly progress: Progress
}

/** What a chapter gives back. */
export interface ChapterResult {
  /** Whether it reached its goal. */
  readonly ok: boolean
  readonly metrics: Metrics
  /** One sentence of what came out. */
  readonly summary: string
  readonly figures: readonly Figure[]
}

/** A named chapter. */
export interface Chapter {
  readonly name: ChapterName
  readonly title: string
  /** One paragraph: what it shows. */
  readonly text: string
  readonly run: (context: ChapterContext) => Promise<ChapterResult>
}

/** A point of a curve or a path. */
export type Point = readonly [x: number, y: number]

/** A named line. */
export interface Series {
  readonly name: string
  readonly points: readonly Point[]
}

/** A picture: bytes row by row, red, green, blue. */
export interface Picture {
  readonly title: string
  readonly alt: string
  readonly width: number
  readonly height: number
  readonly rgb: Uint8Array
}

/** Everything a report can draw. */
export type Figure =
  | {
      readonly kind: 'curves'
      readonly caption: string
      readonly x: string
      readonly y: string
      readonly logarithmic: boolean
      readonly series: readonly Series[]
    }
  | {
      readonly kind: 'confusion'
      readonly caption: string
      /** Row: true class; column: predicted class. */
      readonly counts: readonly (readonly number[])[]
    }
  | {
      readonly kind: 'tiles'
      readonly caption: string
      readonly size: number
      readonly tiles: readonly { readonly label: string; readonly pixels: ArrayLike<number> }[]
    }
  | { readonly kind: 'pictures'; readonly caption: string; readonly pictures: readonly Picture[] }
  | {
      readonly kind: 'landscape'
      readonly caption: string
      readonly height: (x: number, y: number) => number
      readonly domain: { readonly x: Point; readonly y: Point }
      readonly minimum: Point
      readonly paths: readonly Series[]
    }
  | { readonly kind: 'code'; readonly caption: string; readonly text: string }

/** Lets the event loop turn, so that bars move and Ctrl-C is heard. @throws the reason of an aborted signal */
export async function breathe(signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => setImmediate(resolve))
  signal.throwIfAborted()
}

// Runs one chapter, takes its time, and turns what it throws into an outcome that can be reported.

import type { Chapter, ChapterContext, ChapterResult } from '../chapter.js'

/** What became of a chapter. */
export type Outcome = { readonly chapter: Chapter } & (
  | { readonly state: 'done'; readonly seconds: number; readonly result: ChapterResult }
  | { readonly state: 'failed'; readonly seconds: number; readonly message: string }
  | { readonly state: 'interrupted'; readonly seconds: number }
)

/** Runs a chapter; never throws. */
export async function perform(chapter: Chapter, context: ChapterContext): Promise<Outcome> {
  const start = performance.now()
  const seconds = (): number => (performance.now() - start) / 1000
  try {
    const result = await chapter.run(context)
    return { chapter, state: 'done', seconds: seconds(), result }
  } catch (error) {
    context.progress.end()
    if (context.signal.aborted) return { chapter, state: 'interrupted', seconds: seconds() }
    const message = error instanceof Error ? error.message : String(error)
    return { chapter, state: 'failed', seconds: seconds(), message }
  }
}

// A context for chapters under test: quick, silent unless a test listens.

import type { ChapterContext, Metrics } from '../src/chapter.js'

/** A quick context that notes what is shown. */
export function quickContext(shown: Metrics[] = [], signal = new AbortController().signal): ChapterContext {
  const progress = { begin() {}, advance: (_: number, metrics: Metrics = {}) => void shown.push(metrics), end() {} }
  return { seed: 1, quick: true, signal, progress }
}

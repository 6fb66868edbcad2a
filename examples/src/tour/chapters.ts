// The chapters of the tour, by name.

import type { Chapter, ChapterName } from '../chapter.js'
import * as colourTransfer from '../colour-transfer.js'
import * as digits from '../digits.js'
import * as plugin from '../plugin.js'
import * as rosenbrock from '../rosenbrock.js'
import { CHAPTER_NAMES } from './options.js'

const CHAPTERS: Readonly<Record<ChapterName, Chapter>> = {
  digits,
  'colour-transfer': colourTransfer,
  rosenbrock,
  plugin,
}

/** The chapters asked for, in the order of the tour. */
export function chaptersOf(only: readonly ChapterName[] | undefined): Chapter[] {
  return (only ?? CHAPTER_NAMES).map((name) => CHAPTERS[name])
}

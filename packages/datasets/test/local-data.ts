// Where the files lie that may not be committed; tests that need them say so when they are not there.

import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const sibling = fileURLToPath(new URL('../../../../shared/data', import.meta.url))

/** Folder with the on-demand files, or undefined. */
export const localData = process.env.ADJOINT_DATA ?? (existsSync(sibling) ? sibling : undefined)

/** The reason that a test without those files prints. */
export const WHY_SKIPPED = 'set ADJOINT_DATA to the folder that holds the on-demand data files'

// pnpm in the version that package.json pins, through npx: no global pnpm, no corepack.
import { join } from 'node:path'
import { readJson, root } from './paths.mjs'
import { mustRun, run } from './process.mjs'

const { packageManager } = readJson(join(root, 'package.json'))
const npx = ['--yes', '--prefer-offline', '--loglevel=error', packageManager]

/** @param {readonly string[]} args @param {Parameters<typeof run>[2]} [options] */
export const pnpm = (args, options) => run('npx', [...npx, ...args], options)

/** @param {readonly string[]} args @param {Parameters<typeof run>[2]} [options] */
export const mustPnpm = (args, options) => mustRun('npx', [...npx, ...args], options)

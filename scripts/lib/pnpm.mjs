// pnpm in the version that package.json pins: the one that runs this script, else through npx. No global pnpm, no corepack.
import { join } from 'node:path'
import { readJson, root } from './paths.mjs'
import { mustRun, run } from './process.mjs'

const { packageManager } = readJson(join(root, 'package.json'))
const { npm_config_user_agent: agent = '', npm_execpath: parent } = process.env
const pinned = agent.startsWith(`${packageManager.replace('@', '/')} `) && parent !== undefined
const [program, first] = pinned
  ? [parent, []]
  : ['npx', ['--yes', '--prefer-offline', '--loglevel=error', packageManager]]

/** @param {readonly string[]} args @param {Parameters<typeof run>[2]} [options] */
export const pnpm = (args, options) => run(program, [...first, ...args], options)

/** @param {readonly string[]} args @param {Parameters<typeof run>[2]} [options] */
export const mustPnpm = (args, options) => mustRun(program, [...first, ...args], options)

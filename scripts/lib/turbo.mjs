// turbo without telemetry, notices or a daemon; it calls the pinned pnpm, which npx puts on its path.
import { mustPnpm, pnpm } from './pnpm.mjs'

const env = {
  DO_NOT_TRACK: '1',
  TURBO_TELEMETRY_DISABLED: '1',
  TURBO_NO_UPDATE_NOTIFIER: '1',
}

/** @param {readonly string[]} args @param {Parameters<typeof pnpm>[1]} [options] */
export const turbo = (args, options) => pnpm(['exec', 'turbo', 'run', ...args], { ...options, env })

/** @param {readonly string[]} args @param {Parameters<typeof pnpm>[1]} [options] */
export const mustTurbo = (args, options) => mustPnpm(['exec', 'turbo', 'run', ...args], { ...options, env })

/**
 * Builds a package and what it stands on; quiet unless something fails.
 *
 * @param {string} [filter]
 */
export const build = (filter) =>
  turbo(['build', '--output-logs=errors-only', '--log-prefix=none', ...(filter ? [`--filter=${filter}`] : [])])

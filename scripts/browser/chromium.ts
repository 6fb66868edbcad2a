// Finds the Chromium of the system and runs it without a window, on a profile of its own that is gone afterwards.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { accessSync, constants } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome']
const ELSEWHERE = [
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--no-first-run',
  '--no-default-browser-check',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-dev-shm-usage',
  '--disable-extensions',
  '--disable-sync',
  '--mute-audio',
]

/** The program, or `undefined` where there is none. */
export function findChromium(): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '')
  return [...folders.flatMap((folder) => NAMES.map((name) => join(folder, name))), ...ELSEWHERE].find(isProgram)
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** A browser at work. */
export interface Browser {
  /** Fails when the browser ends by itself, with its last words. */
  readonly ended: Promise<never>
  /** What it has said so far. */
  lastWords(): string
  /** Ends it and all its helpers, and removes its profile. */
  close(): Promise<void>
}

/** Opens an address. */
export async function openChromium(program: string, url: string, flags: readonly string[]): Promise<Browser> {
  const home = await mkdtemp(join(tmpdir(), `adjoint-chromium-${process.pid}-`))
  // A group of its own, so that the helpers end with it.
  const child = spawn(program, [...FLAGS, ...flags, `--user-data-dir=${home}`, url], {
    detached: true,
    env: { ...process.env, HOME: home },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let words = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    words = (words + text).slice(-4000)
  })
  const ended = Promise.race([once(child, 'exit'), once(child, 'error')]).then(([reason]) => {
    throw new Error(`Chromium ended (${String(reason)}).\n${words}`)
  })
  ended.catch(() => undefined)
  return {
    ended,
    lastWords: () => words,
    async close() {
      await end(child)
      await rm(home, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 })
    },
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.pid === undefined) return
  const gone = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : undefined
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch {
    // The whole group is gone already.
  }
  await gone
}

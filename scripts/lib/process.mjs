// Child processes whose noise goes to stderr, so that stdout carries results only.
import { spawn } from 'node:child_process'
import { root } from './paths.mjs'

/**
 * Runs a program to its end and resolves to its exit code; Ctrl-C reaches the child, which decides.
 *
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: Record<string, string>, stdout?: 'inherit' | 'stderr' }} [options]
 * @returns {Promise<number>}
 */
export function run(program, args, { cwd = root, env = {}, stdout = 'stderr' } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['inherit', stdout === 'inherit' ? 'inherit' : 2, 'inherit'],
      shell: process.platform === 'win32' && program !== process.execPath,
    })
    const passOn = () => child.kill('SIGINT')
    process.on('SIGINT', passOn)
    child.on('error', reject)
    child.on('close', (code) => {
      process.off('SIGINT', passOn)
      resolve(code ?? 130)
    })
  })
}

/**
 * Like `run`, and a failure is an error.
 *
 * @type {typeof run}
 */
export async function mustRun(program, args, options) {
  const code = await run(program, args, options)
  if (code !== 0) throw new Error(`${program} ${args.join(' ')} ended with exit code ${code}`)
  return code
}

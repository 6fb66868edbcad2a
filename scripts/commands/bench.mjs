// npm run bench -- SUITE: builds the benchmarks and runs one suite.
import { run } from '../lib/process.mjs'
import { build } from '../lib/turbo.mjs'

/** @param {string[]} args */
export async function main(args) {
  const failed = await build('@adjoint/bench')
  return failed || run(process.execPath, ['bench/dist/main.js', ...args], { stdout: 'inherit' })
}

// npm start: builds the examples and runs the tour; stdout belongs to the tour alone.
import { run } from '../lib/process.mjs'
import { build } from '../lib/turbo.mjs'

/** @param {string[]} args */
export async function main(args) {
  const failed = await build('@adjoint/examples')
  return failed || run(process.execPath, ['examples/dist/tour/main.js', ...args], { stdout: 'inherit' })
}

// npm run docs: builds the documentation site; with --serve shows it.
import { createServer } from 'node:http'
import { join } from 'node:path'
import { Command, InvalidArgumentError } from 'commander'
import sirv from 'sirv'
import { root } from '../lib/paths.mjs'
import { turbo } from '../lib/turbo.mjs'

/** @param {string} text */
function portNumber(text) {
  const port = Number(text)
  if (!Number.isInteger(port) || port < 0 || port > 65535) throw new InvalidArgumentError('a port is 0 to 65535')
  return port
}

/** @param {string} site @param {number} port @returns {Promise<number>} */
function serve(site, port) {
  const files = sirv(site, { dev: true })
  const server = createServer((request, response) =>
    files(request, response, () => {
      response.writeHead(404).end('Not found')
    }),
  )
  return new Promise((resolve) => {
    server.on('error', (error) => {
      console.error(error.message)
      resolve(1)
    })
    server.listen(port, 'localhost', () => {
      const address = server.address()
      const actual = typeof address === 'object' && address ? address.port : port
      console.log(`The documentation is at http://localhost:${actual} (Ctrl-C ends)`)
    })
    process.once('SIGINT', () => {
      server.closeAllConnections()
      server.close(() => resolve(0))
    })
  })
}

/** @param {string[]} args */
export async function main(args) {
  const { serve: show, port } = new Command('npm run docs --')
    .description('Builds the documentation site into docs/site')
    .option('--serve', 'show the site in a local server')
    .option('--port <number>', 'the port of the server', portNumber, 4173)
    .parse(args, { from: 'user' })
    .opts()
  const failed = await turbo(['site', '--output-logs=errors-only', '--log-prefix=none'])
  if (failed) return failed
  const site = join(root, 'docs', 'site')
  if (show) return serve(site, port)
  console.log('The documentation is in docs/site; npm run docs -- --serve shows it')
  return 0
}

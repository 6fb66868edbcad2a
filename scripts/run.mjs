// The one entry of the repository's commands: node scripts/run.mjs COMMAND [arguments].
// Needs nothing but Node: it installs what is missing before it loads a command.
import { install } from './lib/install.mjs'

const commands = ['start', 'test', 'build', 'bench', 'docs', 'release']
const [command, ...args] = process.argv.slice(2)

if (!commands.includes(command ?? '')) {
  console.error(`Usage: node scripts/run.mjs ${commands.join(' | ')}`)
  process.exit(2)
}

await install()
const { main } = await import(`./commands/${command}.mjs`)
process.exitCode = await main(args[0] === '--' ? args.slice(1) : args)

import { runCases } from '../../browser/page.js'

await runCases({
  'a value': async () => (await fetch('/file.txt')).text(),
  'an error': () => {
    throw new Error('as planned')
  },
  isolated: () => crossOriginIsolated,
  'no eval': () => new Function('return 1')(),
  name: () => navigator.userAgent,
})

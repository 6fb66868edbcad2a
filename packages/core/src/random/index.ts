// Random numbers: keys and samplers, as the namespace `random`.

export { type HostGenerator, host } from './host.js'
export { foldIn, type Key, key, split } from './key.js'
export * from './samplers.js'

// Subpath `@adjoint/core/random`: keys and samplers. Import it as a namespace, `import * as random from ...`.

export { type HostGenerator, host } from './host.js'
export { foldIn, type Key, key, split } from './key.js'
export * from './samplers.js'

// The safetensors format: named tensors behind a JSON header, read whole or one by one.

export { open, read, type SafetensorsFile } from './read.js'
export { type SafetensorsWriteOptions, stream, write } from './write.js'

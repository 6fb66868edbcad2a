// Subpath `@adjoint/core/drive`: long runs in compiled chunks, reported, saved and resumed.

export type { DriveOptions, DriveResult, IterateOptions, Numbers, Progress, Step } from './drive.js'
export { drive, iterate } from './drive.js'
export type { DeserializeOptions } from './serialize.js'
export { deserialize, serialize } from './serialize.js'

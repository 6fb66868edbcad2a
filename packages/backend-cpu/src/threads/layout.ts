// The control block that all threads share: who waits, which chunks of the call are left, and the call itself.

/** Most threads, the main one included. */
export const MOST_THREADS = 16

// Places in `Int32Array`. What several threads write lies in cache lines of its own.

/** Calls so far: workers sleep here. */
export const CALLS = 0
/** Chunks of the call that nobody has taken yet. */
export const LEFT = 16
/** Chunks of the call that are done: the main thread may sleep here. */
export const DONE = 32
/** Workers asleep; whether the main thread is. */
export const SLEEPING = 48
export const MAIN_SLEEPS = 49
/** Chunks that failed, and workers that have the task. */
export const FAILED = 64
export const KNOWN = 65
/** The call: its task, that task's bytes, numbers handed to it, and how it is cut. */
export const TASK = 80
export const TASK_BYTES = 81
export const ARGUMENTS = 82
export const LENGTH = 83
export const STEP = 84
/** Workers forget all tasks when this changes. */
export const GENERATION = 85
/** The heartbeat of thread `i` is at `BEAT + BEAT_LINE * i`. */
export const BEAT = 96
export const BEAT_LINE = 16

// Places in bytes.

/** Numbers handed to the task, as float64. */
export const ARGUMENTS_AT = 4 * (BEAT + BEAT_LINE * MOST_THREADS)
export const MOST_ARGUMENTS = 160
/** What went wrong, as UTF-16 behind its length. */
export const MESSAGE_AT = ARGUMENTS_AT + 8 * MOST_ARGUMENTS
export const MOST_MESSAGE = 255
/** The module of the task, for workers that meet it for the first time. */
export const TASK_AT = MESSAGE_AT + 2 * (MOST_MESSAGE + 1)
export const MOST_TASK_BYTES = 1 << 18
export const CONTROL_BYTES = TASK_AT + MOST_TASK_BYTES

#!/usr/bin/env node
// The program `adjoint-ot`.

import { transportCommand } from './command.js'

process.exitCode = await transportCommand(process.argv.slice(2), process)

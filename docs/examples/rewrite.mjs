// Makes an example compare what it promises: `x.item() // 5` becomes `$shows('file:7', '5', x.item()) // 5`.
// Statements at the top of the example count, with the comment at their end or on the line below.
import ts from 'typescript'
import { parseValues } from './values.mjs'

const COMMENT = /^[ \t]*(?:\n[ \t]*)?\/\/ ?(.*)/

/**
 * @param {string} code
 * @param {string} origin - the file of the example
 * @param {number} line - where its code starts
 * @returns {{ code: string, promises: number }} the code, and how many of its lines promise a value
 */
export function rewrite(code, origin, line) {
  const source = ts.createSourceFile('example.ts', code, ts.ScriptTarget.ES2022, true)
  const edits = source.statements.flatMap((statement) => {
    const comment = COMMENT.exec(code.slice(statement.end))?.[1] ?? ''
    if (parseValues(comment).length === 0) return []
    const where = `${origin}:${line + source.getLineAndCharacterOfPosition(statement.end).line}`
    const edit = compare(statement, `$shows(${JSON.stringify(where)}, ${JSON.stringify(comment)}, `)
    return edit ? [edit] : []
  })
  const rewritten = edits.reduceRight((text, { from, to, by }) => text.slice(0, from) + by + text.slice(to), code)
  return { code: rewritten, promises: edits.length }
}

/** @param {ts.Statement} statement @param {string} call - up to the values */
function compare(statement, call) {
  const { end } = statement
  if (ts.isVariableStatement(statement)) {
    const names = statement.declarationList.declarations.flatMap(({ name }) => namesOf(name))
    return { from: end, to: end, by: `; ${call}${names.join(', ')})` }
  }
  if (!ts.isExpressionStatement(statement)) return undefined
  const log = findLog(statement)
  if (log) return { from: log.getStart(), to: log.arguments.pos, by: call }
  const { expression } = statement
  return { from: expression.getStart(), to: expression.end, by: `${call}${expression.getText()})` }
}

/** @param {ts.BindingName} name @returns {string[]} */
const namesOf = (name) =>
  ts.isIdentifier(name)
    ? [name.text]
    : name.elements.flatMap((element) => (ts.isBindingElement(element) ? namesOf(element.name) : []))

/** @param {ts.Node} node @returns {ts.CallExpression | undefined} */
const findLog = (node) =>
  ts.isCallExpression(node) && node.expression.getText() === 'console.log' ? node : ts.forEachChild(node, findLog)

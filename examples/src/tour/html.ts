// A tagged template that escapes what it is given, so that no text of a chapter can break the page.

/** Markup that is already safe. */
export interface Markup {
  readonly markup: string
}

type Part = string | number | Markup | readonly Markup[]

/** Marks text as markup; only for text made by the program itself. */
export const raw = (markup: string): Markup => ({ markup })

/** Builds markup: strings and numbers are escaped, markup and lists of markup are not. */
export function html(texts: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  return raw(texts.reduce((out, text, i) => out + render(parts[i - 1]) + text))
}

function render(part: Part): string {
  if (typeof part === 'string' || typeof part === 'number') return escaped(String(part))
  return 'markup' in part ? part.markup : part.map(({ markup }) => markup).join('')
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => ENTITIES[character])

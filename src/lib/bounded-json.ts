/**
 * A text → its JSON value, where it is not nested deeper than anything that we write: what is parsed is also walked and written
 * again, and neither has a floor (10,000 levels throw a RangeError there, long after the parser was content). Pure.
 */

/** The deepest of ours, an event.json or an alert, has 6. */
const MAX_DEPTH = 64;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPENING = new Set([0x5b, 0x7b]);
const CLOSING = new Set([0x5d, 0x7d]);

/** Throws a SyntaxError for what is no JSON or too deep. */
export function parseBounded(text: string): unknown {
  if (isDeep(text)) throw new SyntaxError(`Expected JSON of at most ${MAX_DEPTH} levels`);
  return JSON.parse(text);
}

/** Undefined for what is no JSON or too deep. */
export function parseJson(text: string): unknown {
  if (text === '') return undefined;
  try {
    return parseBounded(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Brackets inside strings do not count. */
function isDeep(text: string): boolean {
  let depth = 0;
  let isString = false;
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (isString) {
      if (code === BACKSLASH) i += 1;
      else if (code === QUOTE) isString = false;
    } else if (code === QUOTE) isString = true;
    else if (OPENING.has(code)) depth += 1;
    else if (CLOSING.has(code)) depth -= 1;
    if (depth > MAX_DEPTH) return true;
  }
  return false;
}

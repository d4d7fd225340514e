/** The end of a `switch` that answers every kind: a new kind does not compile until it is answered there, too. */
export function unanswered(kind: never): never {
  throw new TypeError(`Expected a kind that is answered here but received ${JSON.stringify(kind)}`);
}

/** `p%40ss` -> `p@ss`. Text that is not percent-encoded stays as it is: people write a stray % into an address. */
export function safeDecode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

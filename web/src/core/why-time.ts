/** Epoch ms ↔ the text of an `<input type="datetime-local" step="1">`, in the browser's time zone. Pure. */
export function inputTime(atMs: number): string {
  const date = new Date(atMs);
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day}T${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

/** Undefined while somebody is still typing. */
export function parseInputTime(text: string): number | undefined {
  const atMs = Date.parse(text);
  return text !== '' && Number.isFinite(atMs) ? atMs : undefined;
}

function two(part: number): string {
  return String(part).padStart(2, '0');
}

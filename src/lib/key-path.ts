/** Where a value stands in what a person wrote: `cameras[0].detect.fps`. Pure. */

export function keyPath(path: readonly PropertyKey[]): string {
  const text = path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('');
  return text.replace(/^\./, '') || 'top level';
}

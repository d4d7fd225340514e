/**
 * Runs inside the page before its own scripts, and notes what a person would see: see `Noted` in browser.ts. Plain
 * JavaScript, because the browser gets it as it stands here. Media events do not bubble, but are captured on their way down.
 */
const noted = { violations: [], times: [], boxes: { count: 0, pixels: 0 }, states: [] };
globalThis.lookoutNoted = noted;

document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => {
  noted.violations.push(`${violatedDirective} ${blockedURI}`);
});

for (const name of ['playing', 'timeupdate']) {
  document.addEventListener(name, ({ target }) => noted.times.push(target.currentTime), { capture: true });
}

function noteBoxes() {
  const canvas = document.querySelector('[data-testid="boxes"]');
  const count = Number(canvas?.dataset.boxes ?? 0);
  if (count === 0) return;
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  let pixels = 0;
  for (let i = 3; i < data.length; i += 4) if (data[i] !== 0) pixels += 1;
  noted.boxes.count = Math.max(noted.boxes.count, count);
  noted.boxes.pixels = Math.max(noted.boxes.pixels, pixels);
}

setInterval(() => {
  noteBoxes();
  const state = document.querySelector('[data-testid="event-state"]')?.dataset.state;
  if (state !== undefined && state !== noted.states.at(-1)) noted.states.push(state);
}, 100);

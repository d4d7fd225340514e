/** The tab says whether somebody is in view, or nobody can see: a dot and a count in its title, another icon. */
import { effect } from '@preact/signals';
import { countText } from './core/format.ts';
import { inView, isCurrent, sight } from './state/cameras.ts';
import { connection } from './state/connection.ts';
import { openEvent } from './state/events.ts';
import { route } from './state/route.ts';
import { shown } from './state/shown.ts';

export function startTitle(): void {
  const icon = document.getElementById('icon');
  effect(() => {
    const name = route.value.name === 'event' && shown.value ? `${shown.value.camera} · Lookout` : 'Lookout';
    const isAlert = inView.value > 0 || (isCurrent.value && openEvent.value !== undefined);
    const said = inView.value > 0 ? `● ${countText(inView.value)} in view · ` : isAlert ? '● ' : isBlind() ? 'Cannot see · ' : '';
    document.title = `${said}${name}`;
    icon?.setAttribute('href', isAlert ? './icon-alert.svg' : './icon.svg');
  });
}

function isBlind(): boolean {
  return sight.value ? sight.value.seeing.length === 0 : connection.value === 'lost';
}

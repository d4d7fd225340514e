/** The tab says whether somebody is in view: a dot and a count in its title, another icon. */
import { effect } from '@preact/signals';
import { countText } from './core/format.ts';
import { inView } from './state/cameras.ts';
import { openEvent } from './state/events.ts';
import { route } from './state/route.ts';
import { shown } from './state/shown.ts';

export function startTitle(): void {
  const icon = document.getElementById('icon');
  effect(() => {
    const name = route.value.name === 'event' && shown.value ? `${shown.value.camera} · Lookout` : 'Lookout';
    const isAlert = inView.value > 0 || openEvent.value !== undefined;
    document.title = inView.value > 0 ? `● ${countText(inView.value)} in view · ${name}` : isAlert ? `● ${name}` : name;
    icon?.setAttribute('href', isAlert ? './icon-alert.svg' : './icon.svg');
  });
}

/** Name, connection, theme, keys. */
import { useRef } from 'preact/hooks';
import { type Theme, theme } from '../state/settings.ts';
import { type Connection, connection } from '../state/connection.ts';
import { Icon, type IconName } from './icon.tsx';

const CONNECTION_TEXT: Record<Connection, string> = {
  connecting: 'Connecting',
  open: 'Connected',
  lost: 'Offline, trying again',
};

const THEMES: Record<Theme, { readonly icon: IconName; readonly text: string; readonly next: Theme }> = {
  auto: { icon: 'auto', text: 'Theme: like the system', next: 'light' },
  light: { icon: 'sun', text: 'Theme: light', next: 'dark' },
  dark: { icon: 'moon', text: 'Theme: dark', next: 'auto' },
};

const KEYS: readonly (readonly [string, string])[] = [
  ['Space', 'Play or pause'],
  ['← →', 'Five seconds back, forth'],
  [', .', 'One frame back, forth'],
  ['B', 'Boxes on or off'],
  ['M', 'Sound on or off, where the camera has some'],
  ['L', 'Jump to live'],
  ['1 2 3', 'Half, normal, double speed'],
  ['F', 'Full screen'],
  ['J K', 'Older, newer event'],
  ['Esc', 'Back to the list'],
];

export function Header() {
  const { icon, text, next } = THEMES[theme.value];
  return (
    <header class="header">
      <a class="brand" href="#/" aria-label="Lookout, to the timeline">
        <svg class="brand-mark" viewBox="0 0 32 32" aria-hidden="true">
          <path d="M3 16c3.4-5.8 7.7-8.7 13-8.7S25.6 10.2 29 16c-3.4 5.8-7.7 8.7-13 8.7S6.4 21.8 3 16Z" />
          <circle cx="16" cy="16" r="4.5" />
        </svg>
        Lookout
      </a>
      <div class="header-tools">
        <span class="connection" role="status" data-testid="connection-state" data-state={connection.value}>
          <span class="dot" />
          <span class="connection-text">{CONNECTION_TEXT[connection.value]}</span>
        </span>
        <KeysButton />
        <button type="button" class="icon-button" title={text} aria-label={text} onClick={() => (theme.value = next)}>
          <Icon name={icon} />
        </button>
      </div>
    </header>
  );
}

function KeysButton() {
  const dialog = useRef<HTMLDialogElement>(null);
  return (
    <>
      <button
        type="button"
        class="icon-button keys-button"
        title="Keys"
        aria-label="Keys"
        onClick={() => dialog.current?.showModal()}
      >
        <Icon name="help" />
      </button>
      <dialog ref={dialog} class="keys" onClick={({ target }) => target === dialog.current && dialog.current?.close()}>
        <form method="dialog">
          <h2>Keys</h2>
          <dl>
            {KEYS.map(([key, does]) => (
              <div key={key}>
                <dt>
                  {key.split(' ').map((one) => (
                    <kbd key={one}>{one}</kbd>
                  ))}
                </dt>
                <dd>{does}</dd>
              </div>
            ))}
          </dl>
          <button type="submit" class="button">
            Close
          </button>
        </form>
      </dialog>
    </>
  );
}

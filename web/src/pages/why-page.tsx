/** "Why was there no event?": what was decided of a camera around a moment, as a sentence, a chart and a list. */
import { useEffect, useState } from 'preact/hooks';
import type { WhyAnswer } from '../../../src/messages/why.ts';
import { ApiError, fetchWhy, recorderNowMs } from '../api.ts';
import { dayText, timeText } from '../core/format.ts';
import { hashOf, type Route } from '../core/route.ts';
import { inputTime, parseInputTime } from '../core/why-time.ts';
import { cameras } from '../state/cameras.ts';
import { slowNowMs } from '../state/clock.ts';
import { Icon } from '../parts/icon.tsx';
import { WhyChartView } from '../parts/why-chart.tsx';

const WINDOWS = [
  { ms: 20_000, text: '20 s' },
  { ms: 60_000, text: '1 min' },
  { ms: 300_000, text: '5 min' },
] as const;
const DEFAULT_WINDOW_MS = 60_000;
/** While "now" is shown, the chart goes on. */
const POLL_MS = 2000;

type WhyRoute = Extract<Route, { name: 'why' }>;
type Loaded = { readonly answer?: WhyAnswer; readonly problem?: string };

export function WhyPage({ route }: { readonly route: WhyRoute }) {
  const { camera, atMs, windowMs = DEFAULT_WINDOW_MS } = route;
  const { answer, problem } = useAnswer({ camera, atMs, windowMs });
  const isStale = answer !== undefined && answer.camera !== camera;
  return (
    <article class="why-page" data-testid="why-page" data-camera={camera}>
      <header class="event-head">
        <a class="icon-button back" href="#/" aria-label="Back to the list">
          <Icon name="back" />
        </a>
        <div class="event-title">
          <h2>
            Why? <span>at {camera}</span>
          </h2>
          <p>{answer ? spanText(answer) : 'What was decided, and by which rule'}</p>
        </div>
      </header>
      <Asking route={{ ...route, windowMs }} answer={answer} />
      {problem !== undefined && (
        <div class="why-said" data-tone="bad" role="alert" data-testid="why-problem">
          <p class="why-summary">{problem}</p>
        </div>
      )}
      {problem === undefined && answer && !isStale && (
        <>
          <Said answer={answer} />
          <WhyChartView answer={answer} isNow={atMs === undefined} />
        </>
      )}
      {problem === undefined && (!answer || isStale) && <div class="skeleton why-skeleton" aria-label="Loading" />}
    </article>
  );
}

function Said({ answer }: { readonly answer: WhyAnswer }) {
  return (
    <div class="why-said" data-testid="why-said">
      <p class="why-summary" data-testid="why-summary">
        {answer.summary}
      </p>
      {answer.cure !== undefined && (
        <p class="why-cure">
          <b>What helps</b> {answer.cure}
        </p>
      )}
      {answer.event !== undefined && (
        <a class="button" href={hashOf({ name: 'event', id: answer.event })}>
          Watch the event
        </a>
      )}
    </div>
  );
}

/** Camera, moment and window: all of it is the address, so that a question can be sent to somebody. */
function Asking({ route, answer }: { readonly route: WhyRoute & { windowMs: number }; readonly answer: WhyAnswer | undefined }) {
  const { camera, atMs, windowMs } = route;
  const names = (cameras.value ?? []).map(({ name }) => name);
  const shownMs = atMs ?? (answer ? Date.parse(answer.at) : recorderNowMs());
  const go = (change: Partial<WhyRoute>): void => {
    location.hash = hashOf({ ...route, ...change });
  };
  const goNow = (): void => {
    location.hash = hashOf({ name: 'why', camera, windowMs });
  };
  return (
    <div class="why-asking">
      {names.length > 1 && (
        <select aria-label="Camera" value={camera} onChange={({ currentTarget }) => go({ camera: currentTarget.value })}>
          {names.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      )}
      <div class="why-when">
        <button
          type="button"
          class="icon-button"
          aria-label="Earlier"
          title="Earlier"
          onClick={() => go({ atMs: shownMs - windowMs / 2 })}
        >
          <Icon name="back" />
        </button>
        <input
          type="datetime-local"
          step="1"
          aria-label="When"
          data-testid="why-at"
          value={inputTime(shownMs)}
          onChange={({ currentTarget }) => {
            const askedMs = parseInputTime(currentTarget.value);
            if (askedMs !== undefined) go({ atMs: askedMs });
          }}
        />
        <button
          type="button"
          class="icon-button later"
          aria-label="Later"
          title="Later"
          onClick={() => go({ atMs: shownMs + windowMs / 2 })}
        >
          <Icon name="back" />
        </button>
      </div>
      <button type="button" class="button why-now" aria-pressed={atMs === undefined} onClick={goNow}>
        Now
      </button>
      <div class="rates" role="group" aria-label="How long">
        {WINDOWS.map(({ ms, text }) => (
          <button type="button" key={ms} aria-pressed={windowMs === ms} onClick={() => go({ windowMs: ms })}>
            {text}
          </button>
        ))}
      </div>
    </div>
  );
}

function useAnswer({ camera, atMs, windowMs }: { camera: string; atMs: number | undefined; windowMs: number }): Loaded {
  const [loaded, setLoaded] = useState<Loaded>({});
  useEffect(() => {
    let isOver = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const load = async (): Promise<void> => {
      const next = await ask(camera, { atMs: atMs ?? recorderNowMs() - windowMs / 2, windowMs });
      if (isOver) return;
      setLoaded(next);
      if (atMs === undefined) timer = setTimeout(() => void load(), POLL_MS);
    };
    void load();
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, [camera, atMs, windowMs]);
  return loaded;
}

async function ask(camera: string, moment: { atMs: number; windowMs: number }): Promise<Loaded> {
  try {
    return { answer: await fetchWhy(camera, moment) };
  } catch (error) {
    return { problem: error instanceof ApiError ? error.message : 'The recorder does not answer.' };
  }
}

function spanText({ from, to }: WhyAnswer): string {
  const [fromMs, toMs] = [Date.parse(from), Date.parse(to)];
  return `${dayText(fromMs, slowNowMs.value)}, ${timeText(fromMs)} to ${timeText(toMs)}`;
}

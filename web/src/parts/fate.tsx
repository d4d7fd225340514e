/** Keep an event for ever, or delete it now: asked once more before it goes. */
import { useState } from 'preact/hooks';
import type { EventView } from '../../../src/messages/event.ts';
import { protect, remove } from '../state/fate.ts';

export function Fate({ event }: { readonly event: EventView }) {
  const [isAsking, setIsAsking] = useState(false);
  const [refusal, setRefusal] = useState<string | undefined>(undefined);
  const isProtected = event.protected === true;
  const run = async (work: Promise<string | undefined>): Promise<void> => {
    setIsAsking(false);
    setRefusal(await work);
  };
  return (
    <div class="fate">
      <button
        type="button"
        class="button"
        aria-pressed={isProtected}
        title={isProtected ? 'It may be deleted to make room again' : 'It is never deleted to make room'}
        onClick={() => void run(protect(event.id, !isProtected))}
      >
        {isProtected ? 'Kept for ever' : 'Keep for ever'}
      </button>
      {isAsking ? (
        <>
          <button type="button" class="button" data-tone="bad" onClick={() => void run(remove(event.id))}>
            Delete for good
          </button>
          <button type="button" class="button" onClick={() => setIsAsking(false)}>
            Cancel
          </button>
        </>
      ) : (
        <button type="button" class="button" onClick={() => setIsAsking(true)}>
          Delete
        </button>
      )}
      {refusal !== undefined && <p role="alert">{refusal}</p>}
    </div>
  );
}

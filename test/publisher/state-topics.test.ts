import { describe, expect, it } from 'vitest';
import { StateTopics } from '../../src/publisher/state-topics.ts';

function allDue(states: StateTopics): (readonly [string, string])[] {
  const due: (readonly [string, string])[] = [];
  for (let next = states.next(); next; next = states.next()) due.push([next.topic, String(next.payload)]);
  return due;
}

describe('StateTopics', () => {
  it('gives out the latest value only', () => {
    const states = new StateTopics();
    states.set('a', '1');
    states.set('a', '2');
    expect(allDue(states)).toEqual([['a', '2']]);
  });

  it('keeps one message per topic on the wire and the newest value behind it', () => {
    const states = new StateTopics();
    states.set('a', '1');
    expect(allDue(states)).toEqual([['a', '1']]);
    states.set('a', '2');
    states.set('a', '3');
    expect(allDue(states)).toEqual([]);
    states.acked('a');
    expect(allDue(states)).toEqual([['a', '3']]);
    expect(states.isSettled).toBe(false);
    states.acked('a');
    expect(states.isSettled).toBe(true);
  });

  it('passes over what is larger than asked for', () => {
    const states = new StateTopics();
    states.set('picture', Buffer.alloc(100));
    states.set('a', '1');
    expect(states.next(50)?.topic).toBe('a');
    expect(states.next(50)).toBeUndefined();
    expect(states.next()?.topic).toBe('picture');
  });

  it('does not send a text twice', () => {
    const states = new StateTopics();
    states.set('a', '1');
    allDue(states);
    states.acked('a');
    states.set('a', '1');
    expect(allDue(states)).toEqual([]);
  });

  it('sends a picture each time', () => {
    const states = new StateTopics();
    states.set('a', Buffer.from('x'));
    allDue(states);
    states.acked('a');
    states.set('a', Buffer.from('x'));
    expect(allDue(states)).toEqual([['a', 'x']]);
  });

  it('starts over with everything after a disconnect, first set first', () => {
    const states = new StateTopics();
    states.set('status', 'online');
    states.set('b', '1');
    allDue(states);
    states.acked('status');
    states.set('b', '2');
    states.disconnected();
    expect(allDue(states)).toEqual([
      ['status', 'online'],
      ['b', '2'],
    ]);
  });

  it('clears a topic with an empty value, and forgets it once that is acknowledged', () => {
    const states = new StateTopics();
    states.set('a', '1');
    allDue(states);
    states.set('a', '');
    states.acked('a');
    expect(allDue(states)).toEqual([['a', '']]);
    states.disconnected();
    expect(allDue(states)).toEqual([['a', '']]);
    states.acked('a');
    states.disconnected();
    expect(allDue(states)).toEqual([]);
    expect(states.isSettled).toBe(true);
  });

  it('keeps a topic that has a value again before it was cleared', () => {
    const states = new StateTopics();
    states.set('a', '');
    allDue(states);
    states.set('a', '2');
    states.acked('a');
    expect(allDue(states)).toEqual([['a', '2']]);
    states.acked('a');
    states.disconnected();
    expect(allDue(states)).toEqual([['a', '2']]);
  });

  it('is settled as long as there is nothing to say', () => {
    const states = new StateTopics();
    expect(states.isSettled).toBe(true);
    states.acked('unknown');
    expect(states.isSettled).toBe(true);
  });
});

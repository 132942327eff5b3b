import assert from 'node:assert/strict';
import test from 'node:test';
import { settled, two } from './peers.js';

const last = (page) => page.connections.at(-1);

test('a connection that fails looks for another way by itself, again and again until it has one', async () => {
  const { small, seats } = two();
  small.call.joined(seats.large);
  await settled();
  last(small).becomes('failed');
  assert.equal(last(small).restarts, 1);
  assert.deepEqual(small.states.at(-1), [seats.large, 'unsteady']);
  assert.equal(small.call.isCut, true);
  for (const pause of [4000, 8000, 16000, 16000]) {
    assert.deepEqual(small.waits().map(({ milliseconds }) => milliseconds), [pause]);
    small.strike();
  }
  assert.equal(last(small).restarts, 5);
  last(small).becomes('connected');
  assert.deepEqual(small.waits(), []);
  assert.equal(small.call.isCut, false);
});

test('one that is unsteady gets a moment to come back by itself, the polite end a longer one', async () => {
  const { small, large, seats } = two();
  small.call.joined(seats.large);
  await settled();
  for (const [page, wait] of [[small, 1000], [large, 2500]]) {
    last(page).becomes('disconnected');
    last(page).becomes('failed');
    assert.deepEqual(page.waits().map(({ milliseconds }) => milliseconds), [wait]);
    assert.equal(last(page).restarts, 0);
    page.strike();
    assert.equal(last(page).restarts, 1);
  }
  small.call.close();
  large.call.close();
  assert.deepEqual([...small.waits(), ...large.waits()], [], 'nobody waits for what is over');
});

test('an offer of another way that was lost is made anew, and a late answer to the first does no harm', async () => {
  let away = false;
  const { small, large, seats } = two(({ type }) => away && type === 'offer');
  small.call.joined(seats.large);
  await settled();
  away = true;
  last(small).becomes('failed');
  await settled();
  assert.equal(last(small).signalingState, 'have-local-offer');
  away = false;
  small.strike();
  await settled();
  assert.deepEqual([last(small).signalingState, last(large).signalingState], ['stable', 'stable']);
  small.call.receive({ type: 'answer', from: seats.large, body: { sdp: 'v=0' } });
  await settled();
  assert.deepEqual(small.faults, []);
});

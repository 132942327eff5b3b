import assert from 'node:assert/strict';
import test from 'node:test';
import { settled, two } from './peers.js';

const last = (page) => page.connections.at(-1);

/** Lets through what `allowed` says, and notes what it is told. */
function guarding(allowed) {
  const guard = { told: [], allowed, asked: [] };
  return Object.assign(guard, {
    hears: (seat, fingerprint) => (guard.asked.push(fingerprint), guard.allowed),
    described: (seat, changed) => guard.told.push(changed ? 'changed' : 'described'),
    linkIs: (seat, state) => guard.told.push(state),
    left: () => guard.told.push('left'),
  });
}
const tracksOf = (connection) => connection.getTransceivers().map(({ sender }) => sender.track?.kind ?? null);

test('who may not hear gets nothing, who may hear a voice gets no picture, and it is decided anew when asked', async () => {
  const guard = guarding('none');
  const { small, large, seats } = two(() => false, guard);
  await large.call.replaceTracks({ audio: { kind: 'audio' }, video: { kind: 'video' } });
  small.call.joined(seats.large);
  await settled();
  assert.deepEqual([tracksOf(last(small)), tracksOf(last(large))], [[null, null], [null, null]]);
  for (const [allowed, tracks] of [['voice', ['audio', null]], ['all', ['audio', 'video']], ['none', [null, null]]]) {
    guard.allowed = allowed;
    await large.call.refresh(seats.small);
    assert.deepEqual(tracksOf(last(large)), tracks);
  }
  await large.call.replaceTracks({ audio: { kind: 'audio' }, video: null });
  assert.deepEqual(tracksOf(last(large)), [null, null], 'another microphone changes nothing about it');
  large.call.left(seats.small);
  assert.equal(guard.told.at(-1), 'left');
});

test('another certificate under a live connection: nothing goes out any more when its description is applied', async () => {
  const guard = guarding('all');
  const { small, large, seats } = two(() => false, guard);
  small.call.joined(seats.large);
  await settled();
  assert.equal(guard.told.includes('changed'), false);
  small.call.restart();
  await settled();
  assert.equal(guard.told.includes('changed'), false, 'an ICE restart with the same one is none');

  const connection = last(large);
  const atThatMoment = [];
  const apply = connection.setRemoteDescription.bind(connection);
  connection.setRemoteDescription = (description) => (atThatMoment.push(tracksOf(connection)), apply(description));
  guard.described = (seat, changed) => changed && (guard.allowed = 'none');
  last(small).fingerprint = 'BB:'.repeat(31) + 'BB';
  small.call.restart();
  await settled();
  assert.deepEqual(atThatMoment, [[null, null]]);
  assert.equal(large.call.shown(seats.small).fingerprint, 'bb'.repeat(32));
});

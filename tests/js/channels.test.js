import assert from 'node:assert/strict';
import test from 'node:test';
import { CHANNELS } from '../../frontend/static/js/room/channels.js';
import { settled, two } from './peers.js';

const last = (page) => page.connections.at(-1);

test('both ends open the same four channels by number, and a frame reaches the seat it is meant for', async () => {
  const { small, large, seats } = two();
  small.call.joined(seats.large);
  await settled();
  for (const page of [small, large]) {
    const numbers = Object.entries(last(page).channels).map(([name, { options }]) => [name, options]);
    assert.deepEqual(numbers, ['words', 'chat', 'files', 'private'].map((name, id) => [name, { negotiated: true, id }]));
  }
  const bytes = new ArrayBuffer(8);
  assert.equal(small.call.say(seats.large, 'chat', 'hello'), true);
  assert.equal(large.call.say(seats.small, 'files', bytes), true);
  await settled();
  assert.deepEqual(large.frames, [[seats.small, 'chat', 'hello']]);
  assert.deepEqual(small.frames, [[seats.large, 'files', bytes]]);
});

test('nothing is said where no channel is open', async () => {
  const { small, seats } = two();
  assert.equal(small.call.say(seats.large, 'chat', 'hello'), false);
  small.call.joined(seats.large);
  assert.equal(small.call.say(seats.large, 'chat', 'hello'), false);
  assert.equal(small.call.channel(seats.large, 'files'), null);
  await settled();
  assert.equal(small.call.channel(seats.large, 'files').readyState, 'open');
  small.call.left(seats.large);
  assert.equal(small.call.say(seats.large, 'chat', 'hello'), false);
});

for (const [name, { most }] of Object.entries(CHANNELS)) {
  test(`no frame over ${most} bytes goes or comes on the channel ${name}`, async () => {
    const { small, large, seats } = two();
    small.call.joined(seats.large);
    await settled();
    const longest = 'é'.repeat(most / 2);
    assert.equal(small.call.say(seats.large, name, longest), true);
    for (const frame of [`${longest}.`, new ArrayBuffer(most + 1)]) {
      assert.throws(() => small.call.say(seats.large, name, frame), RangeError);
      last(small).channels[name].send(frame); // a page that does not keep to it
    }
    last(small).channels[name].send(new ArrayBuffer(most));
    await settled();
    assert.deepEqual(large.frames.map(([, , frame]) => frame), [longest, null, null, new ArrayBuffer(most)]);
  });
}

test('while a new connection comes up, frames go on the one that is open', async () => {
  const { small, large, seats } = two();
  small.call.joined(seats.large);
  await settled();
  small.call.joined(seats.large);
  assert.equal(small.call.say(seats.large, 'chat', 'still'), true);
  assert.deepEqual(small.connections[0].channels.chat.sent, ['still']);
  await settled();
  assert.equal(small.call.say(seats.large, 'chat', 'again'), true);
  assert.deepEqual(last(small).channels.chat.sent, ['again']);
  await settled();
  assert.equal(large.frames.at(-1)[2], 'again');
});

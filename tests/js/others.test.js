import assert from 'node:assert/strict';
import test from 'node:test';
import { Others } from '../../frontend/static/js/room/others.js';

const ROSA = { seat: '2'.repeat(32), name: 'Rosa', role: 'guest' };

/** Those in a room of whom every link carries on, and what those who listen to the page hear. */
function room() {
  const said = [];
  const nothing = () => {};
  const view = { say: (key, name) => said.push([key, name]), came: nothing, went: nothing, hearing: nothing, tiles: { media: nothing, clear: nothing } };
  const call = { carries: () => true, joined: nothing, left: nothing };
  return { said, others: new Others({ view, door: null, call: () => call, exchange: { here: nothing } }) };
}

const found = (microphone, camera) => ({ participants: [{ ...ROSA, microphone, camera }], apart: [] });

test('a server that starts anew and learns of devices again turns nothing on that was on', () => {
  const { said, others } = room();
  others.found(found(true, true));
  others.found(found(false, false));
  others.media({ seat: ROSA.seat, microphone: true, camera: true });
  assert.deepEqual(said, [['came', 'Rosa']]);
  others.media({ seat: ROSA.seat, microphone: true, camera: false });
  assert.deepEqual(said.at(-1), ['other-camera-off', 'Rosa']);
});

test('whoever comes in is not said to turn on what they came with', () => {
  const { said, others } = room();
  others.joined({ ...ROSA, microphone: false, camera: false });
  others.media({ seat: ROSA.seat, microphone: true, camera: true });
  assert.deepEqual(said, [['came', 'Rosa']]);
});

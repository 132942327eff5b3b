import assert from 'node:assert/strict';
import test from 'node:test';
import { Touches, kindOf } from '../../frontend/static/js/room/sign.js';

function touched(...pauses) {
  const signs = [];
  let waiting = null;
  const clock = { after: (_, act) => ((waiting = act), () => (waiting = null)) };
  const touches = new Touches(clock, (kind) => signs.push(kind));
  for (const count of pauses) {
    for (let one = 0; one < count; one += 1) touches.touched();
    waiting?.();
  }
  return signs;
}

test('three touches say not alone, five say not safe, and only when they have ended', () => {
  assert.deepEqual(touched(3), ['not_alone']);
  assert.deepEqual(touched(4), ['not_alone']);
  assert.deepEqual(touched(5), ['not_safe']);
  assert.deepEqual(touched(9), ['not_safe']);
  assert.deepEqual(touched(3, 5), ['not_alone', 'not_safe']);
});

test('a touch or two, or some with pauses between, say nothing', () => {
  assert.deepEqual(touched(1, 2, 1, 2), []);
});

test('a frame that is no sign is none', () => {
  assert.equal(kindOf('not_safe'), 'not_safe');
  for (const frame of ['', 'NOT_SAFE', null, new ArrayBuffer(2)]) assert.equal(kindOf(frame), null);
});

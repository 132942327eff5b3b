import assert from 'node:assert/strict';
import test from 'node:test';
import { Waking } from '../../frontend/static/js/room/waking.js';

function clock() {
  const made = { time: 0, waits: [], now: () => made.time };
  made.after = (milliseconds, act) => {
    const wait = { milliseconds, act };
    made.waits.push(wait);
    return () => (made.waits = made.waits.filter((other) => other !== wait));
  };
  /** The tick comes so much later than it was to. */
  made.tick = (late) => {
    const [wait] = made.waits.splice(0, 1);
    made.time += wait.milliseconds + late;
    wait.act();
  };
  return made;
}

test('a clock that ran on while nothing happened tells of a sleep, once; a tick that is a little late does not', () => {
  const own = clock();
  let woken = 0;
  const waking = new Waking(own, () => (woken += 1));
  waking.start();
  own.tick(0);
  own.tick(8000);
  assert.equal(woken, 0);
  own.tick(8001);
  assert.equal(woken, 1);
  own.tick(0);
  assert.equal(woken, 1);
  waking.start();
  assert.equal(own.waits.length, 1, 'one clock at a time');
  waking.stop();
  assert.equal(own.waits.length, 0);
});

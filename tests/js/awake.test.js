import assert from 'node:assert/strict';
import test from 'node:test';
import { Awake } from '../../frontend/static/js/room/awake.js';

/** A browser that counts the locks it gave and still holds. */
function source() {
  const locks = [];
  return {
    locks,
    held: () => locks.filter(({ released }) => !released).length,
    async request() {
      const lock = { released: false, async release() { this.released = true; } };
      locks.push(lock);
      return lock;
    },
  };
}

test('the screen stays lit until the end, with one lock however often it is asked for', async () => {
  const from = source();
  const awake = new Awake(from);
  await awake.again();
  assert.equal(from.held(), 0, 'nothing is kept that was not wanted');
  await awake.keep();
  await awake.keep();
  assert.deepEqual([from.locks.length, from.held()], [1, 1]);
  from.locks[0].released = true; // as a browser does with a page that nobody sees
  await awake.again();
  assert.deepEqual([from.locks.length, from.held()], [2, 1]);
  await awake.rest();
  await awake.again();
  assert.equal(from.held(), 0);
});

test('a lock that comes after the end is given back', async () => {
  const from = source();
  const awake = new Awake(from);
  const kept = awake.keep();
  await awake.rest();
  await kept;
  assert.deepEqual([from.locks.length, from.held()], [1, 0]);
});

test('two that are asked for at once leave one', async () => {
  const from = source();
  const awake = new Awake(from);
  await Promise.all([awake.keep(), awake.keep()]);
  assert.equal(from.held(), 1);
});

test('a browser without locks, and one that refuses, change nothing', async () => {
  await new Awake(undefined).keep();
  await new Awake({ request: async () => { throw new DOMException('low battery', 'NotAllowedError'); } }).keep();
});

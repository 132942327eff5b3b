import assert from 'node:assert/strict';
import test from 'node:test';

globalThis.HTMLElement ??= class {};
const { leftWords } = await import('../../frontend/static/js/elements/time-left.js');

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

test('before it has begun nothing is said, then the minutes that have started', () => {
  assert.equal(leftWords(HOUR + 1, HOUR), '');
  assert.equal(leftWords(HOUR, HOUR), '60 minutes left');
  assert.equal(leftWords(59 * MINUTE + 1, HOUR), '60 minutes left');
  assert.equal(leftWords(59 * MINUTE, HOUR), '59 minutes left');
  assert.equal(leftWords(1, HOUR), 'one minute left');
});

test('afterwards whole minutes over', () => {
  assert.equal(leftWords(0, HOUR), 'the time is over');
  assert.equal(leftWords(-59_999, HOUR), 'the time is over');
  assert.equal(leftWords(-MINUTE, HOUR), 'one minute over');
  assert.equal(leftWords(-5 * MINUTE, HOUR), '5 minutes over');
});

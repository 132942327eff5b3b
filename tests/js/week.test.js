/** The arithmetic of the week grid. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { DAY, STEP, drawn, inWords, resized, typed, wall } from '../../frontend/static/js/week.js';

test('what is drawn covers every step it touches, whichever end comes first', () => {
  assert.deepEqual(drawn(603, 718), { start: 600, end: 720 });
  assert.deepEqual(drawn(718, 603), { start: 600, end: 720 });
  assert.deepEqual(drawn(600, 600), { start: 600, end: 600 + STEP });
  assert.deepEqual(drawn(DAY - 1, DAY - 1), { start: DAY - STEP, end: DAY });
});

test('an edge goes to the nearest step, and one step always stays', () => {
  const span = { start: 600, end: 720 };
  assert.deepEqual(resized(span, 'end', 776), { start: 600, end: 780 });
  assert.deepEqual(resized(span, 'end', 100), { start: 600, end: 600 + STEP });
  assert.deepEqual(resized(span, 'start', 532), { start: 525, end: 720 });
  assert.deepEqual(resized(span, 'start', 900), { start: 720 - STEP, end: 720 });
  assert.deepEqual(resized(span, 'end', 9999), { start: 600, end: DAY });
  assert.deepEqual(resized(span, 'start', -9), { start: 0, end: 720 });
});

test('minutes are said as a clock shows them, and the end of the day as inputs take it', () => {
  assert.equal(wall(570), '09:30');
  assert.equal(wall(DAY), '24:00');
  assert.equal(typed(DAY), '00:00');
  assert.equal(inWords({ start: 0, end: 75 }), '00:00 to 01:15');
});

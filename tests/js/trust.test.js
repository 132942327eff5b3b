import assert from 'node:assert/strict';
import test from 'node:test';
import { Trust } from '../../frontend/static/js/room/trust.js';

const [ROSA, MIKA, ONE, OTHER] = ['1'.repeat(32), '2'.repeat(32), 'a'.repeat(64), 'b'.repeat(64)];

test('whoever was never known is heard and hears as always', () => {
  const trust = new Trust();
  for (const fingerprint of [null, '', ONE]) assert.equal(trust.hears(ROSA, fingerprint), 'all');
  assert.equal(trust.verified(ROSA, ONE), false);
  assert.equal(trust.verified(ROSA, null), false);
  trust.goOn(ROSA, ONE);
  trust.speak(ROSA, true);
  assert.equal(trust.hears(ROSA, OTHER), 'all');
});

test('once verified, only that end is sent to; a connection that is not described yet gets nothing', () => {
  const trust = new Trust();
  trust.verify(ROSA, ONE);
  assert.equal(trust.verified(ROSA, ONE), true);
  assert.equal(trust.hears(ROSA, ONE), 'all', 'also over a new connection with the same ends');
  for (const fingerprint of [null, '', OTHER]) assert.equal(trust.hears(ROSA, fingerprint), 'none');
  assert.equal(trust.verified(ROSA, OTHER), false);
  assert.equal(trust.hears(MIKA, OTHER), 'all', 'each pair for itself');
});

test('going on without is for that end alone and sets no mark', () => {
  const trust = new Trust();
  trust.verify(ROSA, ONE);
  trust.goOn(ROSA, OTHER);
  assert.equal(trust.hears(ROSA, OTHER), 'all');
  assert.equal(trust.verified(ROSA, OTHER), false);
  assert.equal(trust.hears(ROSA, 'c'.repeat(64)), 'none');
});

test('an end that changes under a live connection loses the mark for good, verified before or not', () => {
  const trust = new Trust();
  trust.changed(MIKA);
  assert.equal(trust.hears(MIKA, OTHER), 'none');
  trust.verify(ROSA, ONE);
  trust.changed(ROSA);
  assert.equal(trust.hears(ROSA, ONE), 'none', 'also when it changes back');
  assert.equal(trust.verified(ROSA, ONE), false);
});

test('while words are read aloud the voice is heard, and nothing is seen', () => {
  const trust = new Trust();
  trust.changed(ROSA);
  trust.speak(ROSA, true);
  assert.equal(trust.hears(ROSA, OTHER), 'voice');
  assert.equal(trust.hears(ROSA, null), 'none');
  trust.speak(ROSA, false);
  assert.equal(trust.hears(ROSA, OTHER), 'none');
  trust.speak(ROSA, true);
  trust.verify(ROSA, OTHER);
  assert.equal(trust.hears(ROSA, ONE), 'none', 'speaking ends with the comparison');
});

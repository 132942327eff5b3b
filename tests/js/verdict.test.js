import assert from 'node:assert/strict';
import test from 'node:test';
import { direct, levelOf, runsFor, verdict, wayOf } from '../../frontend/static/js/check/verdict.js';

const figures = (roundTrip, jitter = 0, loss = 0) => ({ roundTrip, jitter, loss });

test('a level is as good as its worst figure', () => {
  assert.equal(levelOf(figures(20, 5, 0)), 'good');
  assert.equal(levelOf(figures(200, 30, 0.01)), 'good');
  assert.equal(levelOf(figures(201)), 'fair');
  assert.equal(levelOf(figures(20, 31)), 'fair');
  assert.equal(levelOf(figures(20, 0, 0.011)), 'fair');
  assert.equal(levelOf(figures(451)), 'poor');
  assert.equal(levelOf(figures(20, 81)), 'poor');
  assert.equal(levelOf(figures(20, 0, 0.051)), 'poor');
});

test('where nothing came back there is no line', () => {
  assert.equal(levelOf(null), 'none');
  assert.equal(levelOf(figures(null)), 'none');
});

test('the best way decides, since a browser takes it', () => {
  const runs = [
    { way: 'udp', figures: null },
    { way: 'tcp', figures: figures(300) },
    { way: 'tls', figures: figures(600) },
  ];
  assert.equal(verdict(runs), 'fair');
  assert.equal(verdict([]), 'none');
  assert.equal(verdict([runs[0]]), 'none');
});

test('an answer from outside makes a direct way likely', () => {
  assert.equal(direct(['host', 'srflx'], true), 'likely');
  assert.equal(direct(['host', 'relay'], true), 'unlikely');
  assert.equal(direct(['host', 'srflx'], false), 'unknown');
});

test('ways of relay addresses (RFC 7065)', () => {
  assert.equal(wayOf('turn:relay.example:3478'), 'udp');
  assert.equal(wayOf('turn:relay.example:3478?transport=udp'), 'udp');
  assert.equal(wayOf('turn:relay.example:3478?transport=tcp'), 'tcp');
  assert.equal(wayOf('turns:relay.example:5349?transport=tcp'), 'tls');
  assert.equal(wayOf('stun:relay.example:3478'), null);
});

test('one call for each address of a relay, relayed alone', () => {
  const stun = { urls: ['stun:s.example'] };
  const turn = { urls: ['turn:r.example', 'turns:r.example:443?transport=tcp'], username: 'u', credential: 'c' };
  assert.deepEqual(runsFor([stun, turn]), [
    { way: 'udp', servers: [{ ...turn, urls: 'turn:r.example' }], policy: 'relay' },
    { way: 'tls', servers: [{ ...turn, urls: 'turns:r.example:443?transport=tcp' }], policy: 'relay' },
  ]);
});

test('without a relay one call by whatever way there is', () => {
  assert.deepEqual(runsFor([{ urls: 'stun:s.example' }]), [{ way: 'any', servers: [{ urls: 'stun:s.example' }], policy: 'all' }]);
});

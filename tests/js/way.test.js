import assert from 'node:assert/strict';
import test from 'node:test';
import { Way, wayOf } from '../../frontend/static/js/room/way.js';

/** What a browser reports of a call between these two kinds of candidates. */
const reports = (local, remote, pair = {}, transport = { selectedCandidatePairId: 'pair' }) => [
  { id: 'transport', type: 'transport', ...transport },
  { id: 'other', type: 'candidate-pair', localCandidateId: 'unused', remoteCandidateId: 'unused' },
  { id: 'unused', type: 'local-candidate', candidateType: 'relay' },
  { id: 'pair', type: 'candidate-pair', localCandidateId: 'here', remoteCandidateId: 'there', ...pair },
  { id: 'here', type: 'local-candidate', candidateType: local },
  { id: 'there', type: 'remote-candidate', candidateType: remote },
];
/** A connection that reports this. */
const connection = (of) => ({ getStats: () => Promise.resolve(new Map(of.map((each) => [each.id, each]))) });

test('a way is direct unless one of both ends is a relay', () => {
  assert.equal(wayOf(reports('host', 'srflx')), 'direct');
  assert.equal(wayOf(reports('relay', 'host')), 'relay');
  assert.equal(wayOf(reports('host', 'relay')), 'relay');
});

test('Firefox marks the pair itself, and what nobody says is unknown', () => {
  assert.equal(wayOf(reports('relay', 'host', { selected: true }, {})), 'relay');
  assert.equal(wayOf(reports('host', 'host', {}, {})), 'unknown');
  assert.equal(wayOf([]), 'unknown');
});

test('a call says its way once, and that it failed once before', async () => {
  const said = [];
  const way = new Way((word) => Promise.resolve(said.push(word)));
  const found = connection(reports('host', 'host'));
  for (const state of ['connecting', 'unsteady', 'unsteady', 'connected', 'unsteady', 'connected']) {
    await way.link(state, found);
  }
  assert.deepEqual(said, ['failed', 'direct']);
  way.renew();
  await way.link('connected', undefined);
  assert.deepEqual(said, ['failed', 'direct', 'unknown']);
});

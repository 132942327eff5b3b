import assert from 'node:assert/strict';
import test from 'node:test';
import { heldIn } from '../../frontend/static/js/room/holding.js';
import { Safety } from '../../frontend/static/js/room/safety.js';
import { read } from '../../frontend/static/js/room/words.js';

const [NADIA, ROSA, MIKA] = ['1'.repeat(32), '2'.repeat(32), '3'.repeat(32)];
const [ONE, OTHER] = ['a'.repeat(64), 'b'.repeat(64)];
const CALL = 'c'.repeat(32);

const sdp = (hex) => `a=fingerprint:sha-256 ${hex.match(/../g).join(':')}\r\n`;

/** A link to somebody with this certificate; `own` is the certificate of this end. */
function link(fingerprint, own) {
  const transport = { state: 'connected' };
  const connection = {
    signalingState: 'stable',
    currentLocalDescription: { sdp: sdp(own) },
    currentRemoteDescription: { sdp: sdp(fingerprint) },
    getConfiguration: () => ({ bundlePolicy: 'max-bundle', rtcpMuxPolicy: 'require', certificates: [{}] }),
    getSenders: () => [{ transport }],
    getReceivers: () => [],
    sctp: { transport },
    getStats: async () => new Map(),
  };
  return { fingerprint, parts: { connection } };
}

/** One page: what its call sent, what its screen showed, and its clocks. */
function page(own, links) {
  const seen = { sent: [], steps: [], marks: {}, holds: {}, differed: [], parted: 0, clocks: [], muted: 0, refreshed: 0 };
  const safety = new Safety({
    appointment: 'e'.repeat(32),
    screen: {
      show: (seat, step) => seen.steps.push([seat, step]),
      hide: () => seen.steps.push(null),
      mark: (seat, mark) => (seen.marks[seat] = mark),
      holds: (seat, held) => (seen.holds[seat] = held),
    },
    clock: { after: (ms, act) => (seen.clocks.push({ ms, act }), () => {}) },
    onDiffer: (by, seat) => seen.differed.push([by, seat]),
    onParted: () => (seen.parted += 1),
    onFault: (error) => assert.fail(error),
  });
  const call = {
    shown: (seat) => links[seat] ?? null,
    say: (seat, name, frame) => (seen.sent.push([seat, frame]), seen.deliver?.(seat, frame), true),
    refresh: async () => (seen.refreshed += 1),
    replaceTracks: async () => (seen.muted += 1),
  };
  safety.begin(call, own, CALL);
  const types = () => seen.sent.map(([seat, frame]) => [seat, read(frame).type]);
  return Object.assign(seen, { safety, call, links, types, last: () => seen.steps.at(-1)?.[1] });
}

/** Two pages and the channel between them. */
function two() {
  const nadia = page(NADIA, { [ROSA]: link(OTHER, ONE) });
  const rosa = page(ROSA, { [NADIA]: link(ONE, OTHER) });
  nadia.deliver = (_, frame) => setImmediate(() => rosa.safety.receive(NADIA, frame, rosa.links[NADIA]));
  rosa.deliver = (_, frame) => setImmediate(() => nadia.safety.receive(ROSA, frame, nadia.links[ROSA]));
  return { nadia, rosa };
}

/** Until the screen shows this; the test's own time limit ends a wait that never does. */
async function until(one, at) {
  while (one.last()?.at !== at) await new Promise((resolve) => setImmediate(resolve));
  return one.last();
}

async function reading() {
  const pair = two();
  pair.nadia.safety.explain(ROSA);
  assert.deepEqual(pair.nadia.last(), { at: 'intro', spent: false });
  pair.nadia.safety.compare();
  const { words } = await until(pair.nadia, 'reading');
  await until(pair.rosa, 'listening');
  return { ...pair, words };
}

test('each side is marked by the choice on its own screen', async () => {
  const { nadia, rosa, words } = await reading();
  rosa.safety.choose(words);
  assert.equal(rosa.marks[NADIA], 'verified');
  await until(nadia, 'listening');
  assert.notEqual(nadia.marks[ROSA], 'verified');
  nadia.safety.choose(words);
  await until(rosa, 'done');
  assert.deepEqual([nadia.last(), nadia.marks[ROSA]], [{ at: 'done' }, 'verified']);
  assert.equal(nadia.safety.hears(ROSA, OTHER), 'all');
  assert.equal(nadia.safety.hears(ROSA, 'f'.repeat(64)), 'none');
});

test('who is known on this page stays known in its next call', async () => {
  const { rosa, words } = await reading();
  rosa.safety.choose(words);
  rosa.safety.end();
  assert.equal(rosa.safety.hears(NADIA, 'f'.repeat(64)), 'none');
});

test('a connection that takes the place of the one compared ends the comparison, at the latest with the choice', async () => {
  const moved = await reading();
  moved.rosa.links[NADIA] = link('f'.repeat(64), OTHER);
  moved.rosa.safety.choose(moved.words);
  assert.deepEqual(moved.rosa.last(), { at: 'idle', why: 'unfit' });
  assert.notEqual(moved.rosa.marks[NADIA], 'verified');

  const told = await reading();
  told.rosa.links[NADIA] = link('f'.repeat(64), OTHER);
  told.rosa.safety.linkIs(NADIA, 'connected');
  assert.deepEqual(told.rosa.last(), { at: 'idle', why: 'unfit' });

  const changed = await reading();
  changed.rosa.safety.described(NADIA, true);
  assert.deepEqual(changed.rosa.last(), { at: 'idle', why: 'unfit' });
  assert.equal(changed.rosa.marks[NADIA], 'held');
  changed.rosa.safety.goOn(NADIA);
  assert.equal(changed.rosa.marks[NADIA], 'open');
});

test('one comparison at a time: who asks meanwhile is told no, and nothing counts', async () => {
  const { rosa } = await reading();
  rosa.links[MIKA] = link('f'.repeat(64), OTHER);
  rosa.safety.receive(MIKA, '{"type":"ask"}', rosa.links[MIKA]);
  rosa.safety.explain(MIKA);
  assert.deepEqual(rosa.types().at(-1), [MIKA, 'cancel']);
  assert.equal(rosa.last().at, 'listening');
});

test('a frame of a connection that is not on the page is passed over', async () => {
  const { rosa } = await reading();
  const { length } = rosa.sent;
  rosa.safety.receive(NADIA, '{"type":"cancel"}', link(ONE, OTHER));
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual([rosa.last().at, rosa.sent.length], ['listening', length]);
});

test('where words differ nothing more goes out, and the page goes when the other one has, or after two seconds', async () => {
  const { nadia, rosa } = await reading();
  rosa.safety.choose(null);
  assert.deepEqual([rosa.last(), rosa.muted, rosa.differed, rosa.parted], [{ at: 'differ', by: 'us' }, 1, [['us', NADIA]], 0]);
  await until(nadia, 'differ');
  assert.equal(nadia.clocks.at(-1).ms, 0);
  nadia.clocks.at(-1).act();
  assert.deepEqual([nadia.differed, nadia.parted], [[['them', ROSA]], 1]);
  assert.equal(rosa.clocks.at(-1).ms, 2000);
  rosa.safety.linkIs(NADIA, 'gone');
  rosa.clocks.at(-1).act();
  assert.deepEqual([rosa.differed, rosa.parted], [[['us', NADIA]], 1], 'once');
});

test('that they differ is heard by way of the server, too, in a comparison or out of it, and once', async () => {
  for (const pair of [await reading(), two()]) {
    const { nadia } = pair;
    nadia.safety.differs(ROSA);
    assert.deepEqual([nadia.muted, nadia.parted], [1, 0]);
    nadia.safety.differs(ROSA);
    nadia.clocks.at(-1).act();
    assert.deepEqual([nadia.differed, nadia.parted], [[['them', ROSA]], 1]);
    nadia.safety.end();
    nadia.safety.differs(ROSA);
    assert.equal(nadia.parted, 1, 'the call is over');
  }
});

test('who leaves by themselves before is not sent away once more', async () => {
  const { rosa } = await reading();
  rosa.safety.choose(null);
  rosa.safety.end();
  rosa.clocks.at(-1).act();
  assert.equal(rosa.parted, 0);
});

test('whoever is sent nothing is told so, once their channel is open, and told when that is over', async () => {
  const { nadia, rosa, words } = await reading();
  rosa.safety.choose(words);
  rosa.deliver = null;
  rosa.sent.length = 0;
  rosa.links[NADIA] = link('f'.repeat(64), OTHER);
  const { say } = rosa.call;
  rosa.call.say = () => false;
  rosa.safety.linkIs(NADIA, 'connected');
  rosa.call.say = say;
  rosa.safety.remind([NADIA]);
  rosa.safety.remind([NADIA]);
  const held = rosa.sent.filter(([, frame]) => heldIn(frame) !== null);
  assert.deepEqual(held, [[NADIA, '{"type":"hold"}']], 'once');
  nadia.safety.receive(ROSA, held[0][1], nadia.links[ROSA]);
  assert.equal(nadia.holds[ROSA], true);
  rosa.safety.goOn(NADIA);
  assert.deepEqual(rosa.sent.at(-1), [NADIA, '{"type":"free"}']);
  nadia.safety.receive(ROSA, rosa.sent.at(-1)[1], nadia.links[ROSA]);
  assert.equal(nadia.holds[ROSA], false);
});

test('what was held over one connection is not held over the next', async () => {
  const { nadia } = two();
  nadia.safety.receive(ROSA, '{"type":"hold"}', nadia.links[ROSA]);
  nadia.safety.linkIs(ROSA, 'connected');
  assert.equal(nadia.holds[ROSA], true);
  nadia.links[ROSA] = link('f'.repeat(64), ONE);
  nadia.safety.linkIs(ROSA, 'connected');
  assert.equal(nadia.holds[ROSA], false);
});

test('three comparisons are three also for who was sent to the door in between; another certificate begins anew', async () => {
  const links = { [ROSA]: link(OTHER, ONE) };
  const nadia = page(NADIA, links);
  for (let run = 1; run <= 3; run += 1) {
    nadia.safety.explain(ROSA);
    assert.deepEqual(nadia.last(), { at: 'intro', spent: false });
    nadia.safety.compare();
    await until(nadia, 'asking');
    nadia.safety.begin(nadia.call, NADIA, CALL);
  }
  nadia.safety.explain(ROSA);
  assert.deepEqual(nadia.last(), { at: 'intro', spent: true });
  nadia.safety.end();
  nadia.safety.renewed();
  nadia.safety.begin(nadia.call, NADIA, CALL);
  nadia.safety.explain(ROSA);
  assert.deepEqual(nadia.last(), { at: 'intro', spent: false });
});

test('who leaves in the middle ends it in plain sight', async () => {
  const { nadia } = await reading();
  delete nadia.links[ROSA];
  nadia.safety.left(ROSA);
  assert.deepEqual(nadia.last(), { at: 'idle', why: 'theirs' });
  assert.equal(nadia.marks[ROSA], null);
});

test('a connection that cannot be shown to be one has no words', async () => {
  const { nadia } = two();
  nadia.links[ROSA].parts.connection.getReceivers = () => [{ transport: { state: 'connected' } }];
  nadia.safety.explain(ROSA);
  nadia.safety.compare();
  await until(nadia, 'idle');
  assert.deepEqual(nadia.last(), { at: 'idle', why: 'unfit' });
});

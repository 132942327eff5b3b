import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import test from 'node:test';
import { bytesOf, commitmentOf, contextOf, decoysOf, digitsOf, hexOf, okmOf, wordsOf } from '../../frontend/static/js/room/sas.js';
import { RUN_MILLISECONDS, Words, read, write } from '../../frontend/static/js/room/words.js';

const FOLDER = new URL('../vectors/words/', import.meta.url);
const VECTORS = readdirSync(FOLDER).map((name) => [name, JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8'))]);
const VALUE = new Uint8Array(32).fill(7);

async function derived(vector) {
  const names = { appointment: 'appointment', call: 'call', idI: 'id_i', idR: 'id_r', fpI: 'fp_i', fpR: 'fp_r' };
  const context = contextOf(Object.fromEntries(Object.entries(names).map(([name, key]) => [name, bytesOf(vector[key])])));
  const c = await commitmentOf(context, bytesOf(vector.r_i));
  return { c, okm: await okmOf(context, c, bytesOf(vector.r_i), bytesOf(vector.r_r)) };
}

for (const [name, vector] of VECTORS.filter(([, { okm }]) => okm)) {
  test(`the derivation of ${name}`, async () => {
    const { c, okm } = await derived(vector);
    if (name.startsWith('refused')) return assert.notDeepEqual(wordsOf(okm), vector.words);
    assert.deepEqual([hexOf(c), hexOf(okm), digitsOf(okm)], [vector.c, vector.okm, vector.digits]);
    return assert.deepEqual(wordsOf(okm), vector.words);
  });
}

for (const [name, { frame }] of VECTORS.filter(([, vector]) => vector.frame)) {
  test(`a frame: ${name}`, () => {
    assert.equal(read(frame) !== null, name.startsWith('good'));
  });
}

test('a frame that is written is read', () => {
  assert.deepEqual(read(write('commit', VALUE)), { type: 'commit', value: VALUE });
  assert.equal(read(new ArrayBuffer(8)), null);
});

test('three decoys share no word with the four, nor with each other', () => {
  const words = ['acorn', 'zone', 'lamp', 'tulip'];
  let at = 0;
  const decoys = decoysOf(words, (length) => new Uint8Array(length).fill((at += 1) >> 1)); // every word comes up twice
  assert.equal(new Set([...words, ...decoys.flat()]).size, 16);
});

/** What has been begun and may still wait for a hash. */
const underWay = [];

async function settled() {
  while (underWay.length > 0) await underWay.shift();
}

/** One end, what it sent and what its screen showed. */
function end(initiator, context, random) {
  const seen = { sent: [], steps: [], verified: 0, timers: [], faults: [] };
  const words = new Words({
    initiator,
    context,
    random,
    clock: {
      after: (milliseconds, act) => {
        const timer = { milliseconds, act };
        seen.timers.push(timer);
        return () => seen.timers.splice(seen.timers.indexOf(timer), 1);
      },
    },
    send: (frame) => {
      seen.sent.push(frame);
      seen.deliver?.(frame);
      return !seen.closed;
    },
    onStep: (step) => seen.steps.push(step),
    onVerified: () => (seen.verified += 1),
    onFault: (error) => seen.faults.push(error),
  });
  return Object.assign(seen, { words, start: () => underWay.push(words.start()), receive: (frame) => underWay.push(words.receive(frame)), last: () => seen.steps.at(-1), types: () => seen.sent.map((frame) => JSON.parse(frame).type) });
}

const randomly = (length) => crypto.getRandomValues(new Uint8Array(length));
const same = () => Promise.resolve(new Uint8Array([1]));

/** Two ends with a channel between them. */
function two({ contextI = same, contextR = same } = {}) {
  const [i, r] = [end(true, contextI, randomly), end(false, contextR, randomly)];
  i.deliver = (frame) => r.receive(frame);
  r.deliver = (frame) => i.receive(frame);
  return { i, r };
}

for (const first of ['i', 'r']) {
  test(`both hear the words and both are sure, ${first} having begun`, async () => {
    const pair = two();
    const [reader, listener] = first === 'i' ? [pair.i, pair.r] : [pair.r, pair.i];
    reader.start();
    await settled();
    const { words } = reader.last();
    assert.deepEqual(reader.last(), { at: 'reading', words, second: false });
    assert.equal(listener.last().at, 'listening');
    assert.equal(listener.last().choices.length, 4);
    assert.ok(listener.last().choices.some((choice) => choice.join() === words.join()));

    listener.words.choose(words);
    await settled();
    assert.deepEqual([reader.verified, listener.verified], [0, 1], 'only who heard is sure');
    assert.deepEqual(listener.last(), { at: 'reading', words, second: true });
    assert.equal(reader.last().at, 'listening');

    reader.words.choose(words);
    await settled();
    assert.deepEqual([reader.verified, listener.verified], [1, 1]);
    assert.deepEqual([reader.last(), listener.last()], [{ at: 'done' }, { at: 'done' }]);
    assert.deepEqual([reader.timers, listener.timers], [[], []]);
    for (const word of words) assert.ok(!`${pair.i.sent}${pair.r.sent}`.includes(word), 'the words are never sent');
  });
}

test('two who press at once have one run', async () => {
  const { i, r } = two();
  i.start();
  r.start();
  await settled();
  assert.deepEqual([i.last().at, r.last().at], ['listening', 'reading']);
});

test('two connections with somebody between them have other words: none of these closes the call on both sides', async () => {
  const { i, r } = two({ contextR: () => Promise.resolve(new Uint8Array([2])) });
  i.start();
  await settled();
  // R cannot check a commitment made for another connection; who stands between must make one of its own.
  assert.deepEqual([r.last(), i.last()], [{ at: 'idle', why: 'broken' }, { at: 'idle', why: 'theirs' }]);

  const [left, right] = [two(), two()];
  left.i.start();
  right.i.start();
  await settled();
  assert.notDeepEqual(left.i.last().words, right.i.last().words);
  right.r.words.choose(null);
  await settled();
  assert.deepEqual([right.r.last(), right.i.last()], [{ at: 'differ', by: 'us' }, { at: 'differ', by: 'them' }]);
  assert.equal(right.r.verified + right.i.verified, 0);
});

test('who reads can say that they differ, and is told so after having finished', async () => {
  const { i, r } = two();
  i.start();
  await settled();
  i.words.differ();
  await settled();
  assert.deepEqual([i.last(), r.last()], [{ at: 'differ', by: 'us' }, { at: 'differ', by: 'them' }]);

  const later = two();
  later.i.start();
  await settled();
  const { words } = later.i.last();
  later.r.words.choose(words);
  await settled();
  later.i.words.choose(words);
  later.i.receive(write('differ'));
  await settled();
  assert.deepEqual(later.i.last(), { at: 'differ', by: 'them' });
});

test('a wrong choice is no second try: the run ends without a mark', async () => {
  const { i, r } = two();
  i.start();
  await settled();
  const { words } = i.last();
  r.words.choose(r.last().choices.find((choice) => choice.join() !== words.join()));
  r.words.choose(words);
  await settled();
  assert.deepEqual([r.last(), i.last()], [{ at: 'idle', why: 'wrong' }, { at: 'idle', why: 'theirs' }]);
  assert.equal(r.verified, 0);
});

test('another connection under a run ends it before words are shown', async () => {
  let asked = 0;
  const { i } = two({ contextI: () => Promise.resolve(new Uint8Array([(asked += 1) > 1 ? 2 : 1])) });
  i.start();
  await settled();
  assert.deepEqual(i.last(), { at: 'idle', why: 'unfit' });
  assert.ok(i.steps.every(({ at }) => at !== 'reading'));
});

test('a connection that cannot be shown to be one starts nothing', async () => {
  const { i, r } = two({ contextI: () => Promise.reject(new Error('two fingerprints')) });
  i.start();
  await settled();
  assert.deepEqual(i.last(), { at: 'idle', why: 'unfit' });
  assert.deepEqual(i.types(), ['cancel']);
  assert.deepEqual(r.steps, []);
});

test('a run ends after two minutes, and there are three', async () => {
  const { i, r } = two();
  for (let run = 1; run <= 3; run += 1) {
    i.start();
    await settled();
    assert.equal(i.timers[0].milliseconds, RUN_MILLISECONDS);
    i.timers[0].act();
    await settled();
    assert.deepEqual([i.last(), r.last()], [{ at: 'idle', why: 'late' }, { at: 'idle', why: 'theirs' }]);
  }
  i.start();
  await settled();
  assert.deepEqual(i.last(), { at: 'idle', why: 'spent' });
  const { length } = r.steps;
  r.receive(write('commit', VALUE)); // an end that does not count
  await settled();
  assert.equal(r.steps.length, length);
  assert.equal(r.types().at(-1), 'cancel');
});

const COMMIT = write('commit', VALUE);
const NONCE = write('nonce', VALUE);
const REVEAL = write('reveal', VALUE);
const OUT_OF_ORDER = [
  ['committed', true, [], [COMMIT, REVEAL, write('heard'), '{', null]],
  ['asked', false, [], [NONCE, REVEAL, write('ask'), write('heard'), '{', null]],
  ['answered', false, [COMMIT], [COMMIT, NONCE, REVEAL, write('ask'), write('heard'), '{', null]],
  ['reading', true, [NONCE], [COMMIT, NONCE, REVEAL, write('ask'), '{', null]],
];
for (const [state, initiator, before, frames] of OUT_OF_ORDER) {
  for (const frame of frames) {
    test(`out of order: ${state}, then ${frame}`, async () => {
      const one = end(initiator, same, randomly);
      one.start();
      for (const earlier of before) one.receive(earlier);
      one.receive(frame);
      await settled();
      assert.deepEqual(one.last(), { at: 'idle', why: 'broken' });
      assert.equal(one.types().at(-1), 'cancel');
      assert.equal(one.words.busy, false);
    });
  }
}

test('who answers gives no nonce before a commitment, whatever comes', async () => {
  const r = end(false, same, randomly);
  for (const frame of [NONCE, REVEAL, write('ask'), write('heard'), write('differ'), write('cancel'), '{', null]) {
    r.receive(frame);
  }
  r.words.choose(['acorn', 'acorn', 'acorn', 'acorn']);
  r.words.differ();
  await settled();
  assert.deepEqual([r.sent, r.steps, r.verified], [[], [], 0]);
});

test('a channel that is closed ends the run', async () => {
  const i = end(true, same, randomly);
  i.closed = true;
  i.start();
  await settled();
  assert.deepEqual(i.last(), { at: 'idle', why: 'broken' });
});

import assert from 'node:assert/strict';
import test from 'node:test';
import { Files, hashOf } from '../../frontend/static/js/room/files.js';
import { FILE_AT_MOST, readOffer, safeName, writeOffer } from '../../frontend/static/js/room/offers.js';

const [A, B] = ['a'.repeat(32), 'b'.repeat(32)];
const turns = async (count = 200) => {
  for (let turn = 0; turn < count; turn += 1) await new Promise((resolve) => setImmediate(resolve));
};

/** Blobs are read off the main thread: how many turns that takes nobody knows. @param {() => boolean} so */
const until = async (so) => {
  for (let turn = 0; turn < 100_000 && !so(); turn += 1) await turns(1);
  assert.ok(so(), 'it never came to that');
};

/** A channel that empties only when told, unless it is quick. */
class FakeChannel extends EventTarget {
  bufferedAmount = 0;
  highest = 0;
  constructor(quick) {
    super();
    this.quick = quick;
  }
  took(bytes) {
    this.bufferedAmount += bytes;
    this.highest = Math.max(this.highest, this.bufferedAmount);
    if (this.quick) this.drain();
  }
  drain() {
    this.bufferedAmount = 0;
    this.dispatchEvent(new Event('bufferedamountlow'));
  }
}

/** Two pages, and what each shows; `spoil` may change what passes. */
function two({ quick = true, spoil = (frame) => frame } = {}) {
  const channel = new FakeChannel(quick);
  const made = { channel, states: { [A]: [], [B]: [] }, last: {}, files: {} };
  let next = 0;
  for (const [own, other] of [[A, B], [B, A]]) {
    made.files[own] = new Files({
      say: (seat, frame) => {
        const spoilt = spoil(frame);
        if (frame instanceof ArrayBuffer) channel.took(frame.byteLength);
        setImmediate(() => void made.files[other].receive(own, spoilt));
        return true;
      },
      channel: () => made.channel,
      hash: hashOf,
      newId: () => String((next += 1)).padStart(32, '0'),
      onChange: (transfer) => {
        made.last[own] = transfer;
        if (made.states[own].at(-1) !== transfer.state) made.states[own].push(transfer.state);
      },
    });
  }
  return made;
}

const bytes = (length) => Uint8Array.from({ length }, (_, at) => at % 251);
const named = (length, name = 'letter.pdf') => new File([bytes(length)], name);

test('a file goes only when it is accepted, and arrives whole', async () => {
  const { files, states, last, channel } = two();
  assert.equal(await files[A].offer(B, named(50_000)), 'offered');
  await turns();
  assert.equal(channel.highest, 0, 'nothing moves before');
  assert.deepEqual(states, { [A]: ['offered'], [B]: ['offered'] });
  files[B].accept(last[B].id);
  await until(() => last[A].state === 'done');
  assert.deepEqual(states, { [A]: ['offered', 'moving', 'done'], [B]: ['offered', 'moving', 'done'] });
  assert.deepEqual(new Uint8Array(await last[B].file.arrayBuffer()), bytes(50_000));
  assert.equal(last[A].file, null, 'who sent it keeps nothing either');
});

test('no more is buffered than a bound, and it goes on when there is room', async () => {
  const { files, last, channel } = two({ quick: false });
  await files[A].offer(B, named(3_000_000));
  await turns(5);
  files[B].accept(last[B].id);
  await until(() => channel.bufferedAmount > 1024 * 1024);
  await turns();
  assert.ok(channel.highest <= 1024 * 1024 + 16 * 1024, String(channel.highest));
  assert.equal(last[A].state, 'moving');
  channel.quick = true;
  channel.drain();
  await until(() => last[A].state === 'done');
  assert.deepEqual([last[A].state, last[B].state], ['done', 'done']);
});

for (const [who, seat] of [['who sends', A], ['who takes', B]]) {
  test(`${who} cancels in the middle: it ends on both sides, and another one can follow`, async () => {
    const { files, states, last, channel } = two({ quick: false });
    await files[A].offer(B, named(3_000_000));
    await turns(5);
    files[B].accept(last[B].id);
    await until(() => last[A].moved > 100_000);
    files[seat].cancel(last[seat].id);
    await turns(5);
    channel.quick = true;
    channel.drain();
    await turns();
    assert.deepEqual([states[A].at(-1), states[B].at(-1)], ['cancelled', 'cancelled']);
    assert.deepEqual([last[B].file, last[B].chunks], [null, []]);
    assert.equal(await files[A].offer(B, named(20_000)), 'offered');
    await turns(5);
    files[B].accept(last[B].id);
    await until(() => last[B].state === 'done');
    assert.deepEqual(new Uint8Array(await last[B].file.arrayBuffer()), bytes(20_000));
  });
}

test('a file that nobody wants is refused, without a byte of it', async () => {
  const { files, states, last, channel } = two();
  await files[A].offer(B, named(10));
  await turns(5);
  files[B].cancel(last[B].id);
  await turns(5);
  assert.deepEqual(states, { [A]: ['offered', 'refused'], [B]: ['offered', 'cancelled'] });
  assert.equal(channel.highest, 0);
});

for (const [how, change] of [
  ['one byte is another', (chunk) => chunk.fill(9, 0, 1)],
  ['there is more of it than was said', (chunk) => Uint8Array.of(...chunk, 1)],
]) {
  test(`a file is not kept when ${how}`, async () => {
    const spoil = (frame) => (frame instanceof ArrayBuffer ? change(new Uint8Array(frame.slice(0))).buffer : frame);
    const { files, last } = two({ spoil });
    await files[A].offer(B, named(100));
    await turns(5);
    files[B].accept(last[B].id);
    await until(() => last[A].state === 'broken');
    assert.deepEqual([last[A].state, last[B].state, last[B].file], ['broken', 'broken', null]);
  });
}

test('a link that is made anew in the middle ends it, for nobody knows what has arrived', async () => {
  const made = two({ quick: false });
  await made.files[A].offer(B, named(3_000_000));
  await turns(5);
  made.files[B].accept(made.last[B].id);
  await until(() => made.last[A].moved > 100_000);
  const old = made.channel;
  made.channel = new FakeChannel(true);
  old.dispatchEvent(new Event('close'));
  await until(() => made.last[B].state === 'cancelled');
  assert.deepEqual([made.last[A].state, made.last[B].state], ['lost', 'cancelled']);
});

test('one at a time, neither empty nor over the bound', async () => {
  const { files } = two();
  assert.equal(await files[A].offer(B, named(0)), 'empty');
  assert.equal(await files[A].offer(B, { size: FILE_AT_MOST + 1, name: 'x' }), 'large');
  assert.equal(await files[A].offer(B, named(10)), 'offered');
  assert.equal(await files[A].offer(B, named(10)), 'busy');
});

test('a page that sends what nobody accepted, or answers what is not its own, changes nothing', async () => {
  const { files, states, last } = two();
  await files[B].receive(A, new ArrayBuffer(100));
  await files[A].offer(B, named(10));
  await turns(5);
  const { id } = last[A];
  await files[B].receive(A, new ArrayBuffer(10));
  await files[A].receive('c'.repeat(32), writeOffer({ type: 'accept', id }));
  await files[A].receive(B, writeOffer({ type: 'received', id }));
  await files[B].receive(A, writeOffer({ type: 'accept', id }));
  assert.deepEqual(states, { [A]: ['offered'], [B]: ['offered'] });
});

test('when the call is over no file is left', async () => {
  const { files, last } = two();
  await files[A].offer(B, named(10));
  await turns(5);
  files[B].accept(last[B].id);
  await until(() => last[B].state === 'done');
  const got = last[B];
  files[B].clear();
  assert.equal(got.file, null);
});

const GOOD = { type: 'offer', id: A, name: 'a.pdf', size: 10, sha256: '0'.repeat(64) };
for (const [flaw, change] of Object.entries({
  'no id': { id: 'x' },
  'no size': { size: 0 },
  'half a byte': { size: 1.5 },
  'too large': { size: FILE_AT_MOST + 1 },
  'no hash': { sha256: 'x' },
  'an unknown field': { path: '/' },
  'an unknown type': { type: 'take' },
})) {
  test(`an offer with this flaw is none: ${flaw}`, () => {
    assert.notEqual(readOffer(JSON.stringify(GOOD)), null);
    assert.equal(readOffer(JSON.stringify({ ...GOOD, ...change })), null);
  });
}

test('names are made safe to save under, their ending stays', () => {
  for (const [name, safe] of [
    ['Übung 1.pdf', 'Übung 1.pdf'],
    ['../../etc/passwd', '_.._etc_passwd'],
    ['C:\\a\\b.txt', 'C__a_b.txt'],
    ['.htaccess', 'htaccess'],
    ['invoice\u202Efdp.exe', 'invoicefdp.exe'],
    ['a\u0000b\u200b.txt', 'ab.txt'],
    ['...', 'file'],
    ['', 'file'],
  ]) {
    assert.equal(safeName(name), safe);
  }
  const long = safeName(`${'x'.repeat(500)}.pdf`);
  assert.ok(long.length <= 120 && long.endsWith('.pdf'));
});

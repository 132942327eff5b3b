import assert from 'node:assert/strict';
import test from 'node:test';
import { AGAIN_MS, EVERY_MS, Saving } from '../../frontend/static/js/saving.js';

/** A window: its words, what it sent, and time that passes when told. */
function open(known = { words: '', number: 0 }) {
  const due = [];
  const page = {
    words: known?.words ?? '',
    sent: [],
    states: [],
    theirs: '',
    answers: [],
    loads: [],
    due,
    type(words) {
      page.words = words;
      saving.typed();
    },
    async pass(milliseconds) {
      const ready = due.filter((each) => !each.gone && each.at <= milliseconds);
      for (const each of ready) each.gone = true;
      for (const each of ready) await each.act();
      await settled();
    },
  };
  const saving = new Saving(
    {
      read: () => page.words,
      write: (words) => (page.words = words),
      show: (state, theirs) => (page.states.push(state), (page.theirs = theirs)),
      load: async () => page.loads.shift() ?? 'lost',
      send: async (sent, closing) => {
        page.sent.push({ ...sent, closing });
        const answer = page.answers.shift() ?? { kind: 'kept', number: sent.number + 1 };
        return answer instanceof Promise ? await answer : answer;
      },
      timer: {
        after: (at, act) => {
          const entry = { at, act, gone: false };
          due.push(entry);
          return () => (entry.gone = true);
        },
      },
    },
    known,
  );
  page.saving = saving;
  return page;
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

test('what is typed within two seconds is one request, and one more when there is more', async () => {
  const page = open();
  for (const words of ['a', 'ab', 'abc']) page.type(words);
  assert.equal(page.due.filter(({ gone }) => !gone).length, 1);
  await page.pass(EVERY_MS);
  assert.deepEqual(page.sent, [{ words: 'abc', number: 0, turn: 1, closing: false }]);
  assert.equal(page.saving.state, 'kept');
  page.type('abcd');
  await page.pass(EVERY_MS);
  assert.deepEqual(page.sent[1], { words: 'abcd', number: 1, turn: 2, closing: false });
});

test('what is typed while a request is under way goes with the next one', async () => {
  const page = open();
  let arrive = (_) => {};
  page.answers = [new Promise((resolve) => (arrive = resolve))];
  page.type('a');
  await page.pass(EVERY_MS);
  page.type('ab');
  await page.pass(EVERY_MS);
  assert.equal(page.sent.length, 1);
  arrive({ kind: 'kept', number: 1 });
  await settled();
  assert.equal(page.saving.state, 'typing');
  await page.pass(EVERY_MS);
  assert.deepEqual(page.sent[1], { words: 'ab', number: 1, turn: 2, closing: false });
  assert.equal(page.saving.state, 'kept');
});

test('a server that is away is said, and asked again until it is back', async () => {
  const page = open();
  page.answers = [{ kind: 'lost' }, { kind: 'signed_out' }];
  page.type('a');
  await page.pass(EVERY_MS);
  assert.equal(page.saving.state, 'lost');
  page.type('ab');
  assert.equal(page.saving.state, 'lost');
  await page.pass(AGAIN_MS);
  assert.equal(page.saving.state, 'signed_out');
  await page.pass(AGAIN_MS);
  assert.equal(page.saving.state, 'kept');
  assert.deepEqual(page.sent.map(({ words, turn }) => [words, turn]), [['a', 1], ['ab', 2], ['ab', 3]]);
});

test('what is refused is sent again only once something else is typed', async () => {
  const page = open();
  page.answers = [{ kind: 'refused' }];
  page.type('too long');
  await page.pass(EVERY_MS);
  assert.equal(page.saving.state, 'refused');
  await page.pass(AGAIN_MS);
  assert.equal(page.sent.length, 1);
  page.type('short');
  await page.pass(EVERY_MS);
  assert.equal(page.saving.state, 'kept');
});

test('another window is told apart, and both can be put together or one kept', async () => {
  for (const [choice, kept] of [['both', 'theirs\n\nmine'], ['mine', 'mine']]) {
    const page = open();
    page.answers = [{ kind: 'apart', number: 7, words: 'theirs' }];
    page.type('mine');
    await page.pass(EVERY_MS);
    assert.equal(page.saving.state, 'apart');
    assert.equal(page.theirs, 'theirs');
    page.type('mine');
    await page.saving.now();
    assert.equal(page.sent.length, 1);
    await page.saving[choice]();
    assert.equal(page.words, kept);
    assert.deepEqual(page.sent[1], { words: kept, number: 7, turn: 2, closing: false });
    assert.equal(page.saving.state, 'kept');
    assert.equal(page.theirs, '');
  }
});

test('where nothing of the other window would be lost, nobody is asked', async () => {
  const page = open();
  page.answers = [{ kind: 'apart', number: 7, words: 'the' }];
  page.type('the whole');
  await page.pass(EVERY_MS);
  await page.pass(EVERY_MS);
  assert.deepEqual(page.sent[1], { words: 'the whole', number: 7, turn: 2, closing: false });
  assert.equal(page.saving.state, 'kept');
});

test('words are fetched first where the page came without, and what was typed meanwhile goes below', async () => {
  const page = open(null);
  page.type('typed while the server was away');
  await page.pass(EVERY_MS);
  assert.equal(page.saving.state, 'lost');
  assert.equal(page.sent.length, 0);
  page.loads = [{ words: 'from before', number: 3 }];
  await page.pass(AGAIN_MS);
  assert.equal(page.words, 'from before\n\ntyped while the server was away');
  assert.deepEqual(page.sent, [{ words: page.words, number: 3, turn: 1, closing: false }]);
});

test('opened and left as it was it sends nothing', async () => {
  const page = open(null);
  page.loads = [{ words: 'from before', number: 3 }];
  await page.saving.now();
  page.saving.closing();
  assert.equal(page.words, 'from before');
  assert.equal(page.sent.length, 0);
  assert.equal(page.saving.state, 'kept');
});

test('a page that closes sends what is open beside what is under way', async () => {
  const page = open();
  page.answers = [new Promise(() => {})];
  page.type('a');
  await page.pass(EVERY_MS);
  page.type('ab');
  page.saving.closing();
  assert.deepEqual(page.sent[1], { words: 'ab', number: 0, turn: 2, closing: true });
});
